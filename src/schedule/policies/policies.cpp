// The list of policies by name.
#include "schedule/policies/policies.hpp"

#include <array>
#include <string>

#include "ballast/core/error.hpp"

namespace ballast {
namespace {

constexpr std::array entries{
#define BALLAST_POLICY(maker, name, summary, source, parameters) PolicyEntry{name, summary, source, parameters, maker},
#include "schedule/policies/policies.inc"
#undef BALLAST_POLICY
};

}  // namespace

std::span<PolicyEntry const> policies() { return entries; }

std::unique_ptr<Policy> make_policy(std::string_view choice) {
  Parameters parameters{"policy", choice};
  for (auto const& entry : entries) {
    if (entry.name != parameters.name()) continue;
    auto policy = entry.make(parameters);
    parameters.finish();
    return policy;
  }
  throw UsageError{"there is no policy `" + parameters.name() + "`", "", "`ballast policies` lists those there are"};
}

}  // namespace ballast
