// Comparing: every policy is given the same work, seed by seed.
#pragma once

#include <functional>
#include <variant>
#include <vector>

#include <ballast/core/error.hpp>

#include "comparison.hpp"
#include "simulate_flags.hpp"
#include "timeline.hpp"

namespace app {

/// The next run to make.
struct PlannedRun {
  std::string const& policy;
  std::uint64_t seed{};
  ballast::Workload const& work;
  std::function<void(ballast::AttemptSpan const&)> timeline;  ///< wants to know each attempt, if it is there
};

/// Makes a run; an exit code ends the comparison.
using RunMaker = std::function<std::variant<ComparedRun, ballast::ExitCode>(PlannedRun const&)>;

/// What came of all runs, in the order of the policies, or why there is nothing to compare.
struct Compared {
  ballast::ExitCode outcome{ballast::ExitCode::solved};
  std::vector<ComparedRun> runs;
  ComparedWork work;
};

/// Makes all runs, the policies of one seed after each other: whatever changes with time then changes for all of them.
/// Throws UsageError and InputOutputError before the first run.
[[nodiscard]] Compared compare_policies(SimulateFlags const& flags, Timeline& timeline, RunMaker const& make_run);

/// On standard output. Throws InputOutputError.
void print(std::string const& text);
/// Prints the table or the CSV, and ends the timeline; returns the exit code. Throws InputOutputError.
int publish(Compared const& compared, SimulateFlags const& flags, Timeline& timeline);

}  // namespace app
