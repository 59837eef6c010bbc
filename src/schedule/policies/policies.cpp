// The list of policies by name.
#include "schedule/policies/policies.hpp"

#include <array>
#include <string>

#include "ballast/core/error.hpp"

namespace ballast {
namespace {

constexpr std::array entries{
    PolicyEntry{"auto", "chunks of a millisecond's work, single jobs at the end; needs no tuning", "", "", make_auto},
    PolicyEntry{"static", "one block of N/P jobs per node, fixed before the first job", "", "", make_static},
    PolicyEntry{"cyclic", "job k to node k mod P", "", "", make_cyclic},
    PolicyEntry{"self", "one job at a time to whoever has room (SS)", "Tang & Yew 1986", "", make_self},
    PolicyEntry{"guided", "R/P of the R jobs left, so chunks shrink (GSS)", "Polychronopoulos & Kuck 1987", "",
                make_guided},
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
