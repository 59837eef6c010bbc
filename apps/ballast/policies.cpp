// ballast policies: the load-balancing techniques there are.
#include <fmt/core.h>

#include <algorithm>
#include <memory>
#include <nlohmann/json.hpp>

#include <ballast/runtime/session.hpp>
#include <ballast/schedule/policy.hpp>

#include "subcommand.hpp"

namespace app {
namespace {

void print_table() {
  std::size_t width = 0;
  for (auto const& policy : ballast::policies()) width = std::max(width, policy.name.size());
  for (auto const& policy : ballast::policies()) {
    fmt::print("{:<{}}  {}", policy.name, width, policy.summary);
    if (!policy.source.empty()) fmt::print(" [{}]", policy.source);
    if (!policy.parameters.empty()) fmt::print(" ({})", policy.parameters);
    fmt::print("\n");
  }
}

void print_json() {
  auto list = nlohmann::ordered_json::array();
  for (auto const& policy : ballast::policies())
    list.push_back({{"name", policy.name},
                    {"summary", policy.summary},
                    {"source", policy.source},
                    {"parameters", policy.parameters}});
  fmt::print("{}\n", list.dump(2));
}

}  // namespace

Run add_policies(CLI::App& program) {
  auto* const subcommand = program.add_subcommand("policies", "List the load-balancing policies");
  auto const json = std::make_shared<bool>(false);
  subcommand->add_flag("--json", *json, "As JSON");
  return [json](CommandLine const& line) {
    refuse_command(line);
    if (ballast::Session::launched_rank() > 0) return 0;
    *json ? print_json() : print_table();
    return 0;
  };
}

}  // namespace app
