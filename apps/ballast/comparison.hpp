// Comparison: what several policies have made of the same work, as a table or as CSV.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <ballast/core/clock.hpp>

namespace app {

/// One run.
struct ComparedRun {
  std::string policy;
  std::uint64_t seed{};
  double makespan{};  ///< s
  double ideal{};     ///< s
  double messages{};
  double idle{};  ///< share of the solvers' time
  double given_up{};
};

/// What all runs have in common.
struct ComparedWork {
  std::uint64_t jobs{};
  std::uint32_t nodes{};
  std::uint32_t solvers{};
  std::string cost;
  std::string speeds;
  std::string kind;  ///< simulated, or how real jobs spent their time
};

/// Aligned columns for people; runs that differ in their seed only are one line, their mean.
[[nodiscard]] std::string comparison_table(std::vector<ComparedRun> const& runs, ComparedWork const& work);
/// One line per run, times in seconds.
[[nodiscard]] std::string comparison_csv(std::vector<ComparedRun> const& runs, ComparedWork const& work);

}  // namespace app
