// Knn flags: the options of `ballast knn`, and what they ask for.
#pragma once

#include <cstddef>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "knn_plan.hpp"
#include "run_flags.hpp"

namespace app {

/// As the command line gave them.
struct KnnFlags {
  explicit KnnFlags(CLI::App& subcommand) : run{subcommand} {}

  RunFlags run;
  KnnPlan plan;
  std::string index{"exact"};
  std::string metric;
  std::string recall{"distance"};
  std::string layout{"replicate"};
  std::uint32_t shards{0};    // 0: as many as there are computing nodes
  std::uint32_t replicas{0};  // 0: one
  std::size_t m{16};
  std::size_t ef_construction{200};
  std::size_t ef{64};
  std::string sweep;
  std::string plot;
  bool json{false};
  bool of_graph{false};  // an option was given that only a graph has
};

void add_knn_flags(CLI::App& subcommand, KnnFlags& flags);

/// Throws UsageError for flags that contradict each other.
void check(KnnFlags const& flags);
/// Without the number of shards. Throws UsageError for names that make no sense.
[[nodiscard]] KnnPlan plan_of(KnnFlags const& flags);
/// Into how many pieces the base is cut among so many computing nodes. A graph that is loaded says how that was done.
[[nodiscard]] std::uint32_t shards_of(KnnFlags const& flags, std::uint32_t nodes);
/// Throws UsageError unless it is ef=16,32,64.
[[nodiscard]] std::vector<std::size_t> parse_sweep(std::string const& text);
[[nodiscard]] nlohmann::ordered_json config(KnnFlags const& flags);

}  // namespace app
