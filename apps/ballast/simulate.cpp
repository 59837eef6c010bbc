// ballast simulate: what the policies would make of a workload, in virtual time and without MPI; what they do make of
// it in real runs; and what the dispatcher makes of a recorded one.
#include <fmt/core.h>

#include <cstdio>
#include <memory>

#include <ballast/runtime/session.hpp>

#include "comparing.hpp"
#include "real_runs.hpp"
#include "replaying.hpp"
#include "simulate_flags.hpp"
#include "subcommand.hpp"

namespace app {
namespace {

ComparedRun compared(PlannedRun const& plan, ballast::SimulationOutcome const& outcome) {
  auto const seconds = [](ballast::Duration time) { return std::chrono::duration<double>{time}.count(); };
  return {plan.policy,
          plan.seed,
          seconds(outcome.makespan),
          seconds(outcome.ideal),
          static_cast<double>(outcome.messages),
          outcome.idle,
          static_cast<double>(outcome.given_up)};
}

int compare_in_virtual_time(SimulateFlags const& flags) {
  auto setting = setting_of(flags);
  Timeline timeline;
  timeline.open(flags.timeline);
  auto const all = compare_policies(flags, timeline, [&](PlannedRun const& plan) {
    setting.policy = plan.policy;
    setting.seed = plan.seed;
    setting.timeline = plan.timeline;
    return compared(plan, ballast::simulate(plan.work, setting));
  });
  return publish(all, flags, timeline);
}

/// Rank 0 works alone, as other ranks have no part in it: there is no session that could say its errors for all.
int alone(int (*work)(SimulateFlags const&), SimulateFlags const& flags) {
  if (ballast::Session::launched_rank() > 0) return 0;
  try {
    return work(flags);
  } catch (ballast::Error const& error) {
    fmt::print(stderr, "ballast: {}\n", error.what());
    return static_cast<int>(error.exit_code());
  }
}

}  // namespace

Run add_simulate(CLI::App& program) {
  auto* const subcommand = program.add_subcommand(
      "simulate", "What the policies would make of a workload: the real dispatcher in virtual time, no MPI");
  auto const flags = std::make_shared<SimulateFlags>();
  add_simulate_options(*subcommand, *flags);
  subcommand->footer(
      "Ideal is what no schedule can beat: all work at once on all solvers, or the longest job alone on the fastest "
      "node (with drift: at mean speeds; losses are not counted).\nIdle is the share of the solvers' time in which "
      "they computed nothing.\nUnder mpirun -n 9, --real sleep and --real compute make the same table from runs on 8 "
      "computing nodes. There, a run that does not solve every job ends them all, with its exit code.");
  return [flags](CommandLine const& line) {
    check_simulate_flags(*flags, line);
    if (flags->is_real()) return compare_real_runs(line, *flags);
    return alone(flags->replay.empty() ? compare_in_virtual_time : replay_recording, *flags);
  };
}

}  // namespace app
