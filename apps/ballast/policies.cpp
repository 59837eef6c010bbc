// ballast policies: the load-balancing techniques there are.
#include <fmt/core.h>

#include <memory>
#include <nlohmann/json.hpp>

#include <ballast/runtime/session.hpp>
#include <ballast/schedule/policy.hpp>

#include "subcommand.hpp"

namespace app {
namespace {

void print_table() {
  for (auto const& policy : ballast::policies()) {
    fmt::print("{:<10} {}", policy.name, policy.summary);
    if (!policy.source.empty()) fmt::print(" [{}]", policy.source);
    fmt::print("\n");
  }
}

void print_json() {
  auto list = nlohmann::ordered_json::array();
  for (auto const& policy : ballast::policies())
    list.push_back({{"name", policy.name}, {"summary", policy.summary}, {"source", policy.source}});
  fmt::print("{}\n", list.dump(2));
}

}  // namespace

Run add_policies(CLI::App& program) {
  auto* const subcommand = program.add_subcommand("policies", "List the load-balancing policies");
  auto const json = std::make_shared<bool>(false);
  subcommand->add_flag("--json", *json, "As JSON");
  return [json](CommandLine const&) {
    if (ballast::Session::launched_rank() > 0) return 0;
    *json ? print_json() : print_table();
    return 0;
  };
}

}  // namespace app
