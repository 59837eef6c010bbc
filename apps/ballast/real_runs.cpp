// Every rank knows from the options how many runs there are; rank 0 alone knows the jobs, and prints.
#include "real_runs.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <system_error>

#include <ballast/runtime/session.hpp>
#include <ballast/sim/choices.hpp>

#include "comparing.hpp"
#include "synthetic_problem.hpp"

namespace app {
namespace {

/// Throws UsageError if the user has counted other nodes than there are.
SimulateFlags with_nodes(SimulateFlags flags, std::uint32_t ranks) {
  auto const nodes = std::max(ranks, 2U) - 1;
  if (flags.nodes.value_or(nodes) != nodes)
    throw ballast::UsageError{
        fmt::format("--nodes says {}, but there {} {}", *flags.nodes, nodes == 1 ? "is" : "are", nodes),
        "under mpirun every rank but the first is a computing node",
        fmt::format("leave it out, or start mpirun -n {}", *flags.nodes + 1)};
  flags.nodes = nodes;
  return flags;
}

/// Where to record which run.
class Recordings {
 public:
  /// Throws InputOutputError if there can be no directory.
  explicit Recordings(SimulateFlags const& flags)
      : top_{flags.record}, several_{flags.repeat * ballast::split_policies(flags.policies).size() > 1} {
    if (top_.empty() || !several_) return;
    std::error_code error;
    std::filesystem::create_directory(top_, error);
    if (error)
      throw ballast::InputOutputError::from_errno("cannot make " + top_.string(), error.value(),
                                                  "give another --record");
  }

  [[nodiscard]] std::filesystem::path of(PlannedRun const& plan) const {
    if (top_.empty() || !several_) return top_;
    auto name = fmt::format("{}-{}", plan.policy, plan.seed);
    std::replace(name.begin(), name.end(), '/', '_');
    return top_ / name;
  }

 private:
  std::filesystem::path top_;
  bool several_;
};

class RealRuns {
 public:
  /// Throws UsageError for options that make no sense.
  RealRuns(ballast::Session& session, SimulateFlags const& flags)
      : session_{session},
        flags_{with_nodes(flags, session.size())},
        setting_{setting_of(flags_)},
        effort_{flags.real == "sleep" ? Effort::sleep : Effort::compute},
        speeds_{flags_.speeds, flags_.node_count()},
        all_{flags_.repeat * ballast::split_policies(flags_.policies).size()} {}

  /// On a computing node: takes part in every run.
  int serve() {
    for (std::uint64_t i = 0; i < all_; ++i) {
      SyntheticProblem problem{effort_, speeds_};
      auto const report = session_.run(problem, options());
      if (report.outcome != ballast::ExitCode::solved) return report.exit_code();
    }
    return 0;
  }

  /// On the Main Node. Throws Error as long as the computing nodes wait for a run.
  Compared lead(Timeline& timeline) {
    timeline.open(flags_.timeline);
    Recordings const recordings{flags_};
    return compare_policies(flags_, timeline, [&](PlannedRun const& plan) { return make(plan, recordings.of(plan)); });
  }

 private:
  [[nodiscard]] ballast::RunOptions options() const {
    ballast::RunOptions options;
    options.solvers = flags_.solvers;
    options.prefetch = setting_.rules.prefetch;
    options.retries = setting_.rules.retries;
    options.speculation = setting_.rules.speculation;
    options.progress = ballast::ProgressStyle::never;
    if (setting_.weights == ballast::SimulationSetting::Weights::given)
      for (std::uint32_t place = 0; place < speeds_.nodes(); ++place) options.weights.push_back(speeds_.mean(place));
    return options;
  }

  std::variant<ComparedRun, ballast::ExitCode> make(PlannedRun const& plan, std::filesystem::path const& recording) {
    SyntheticProblem problem{effort_, speeds_};
    problem.offer(plan.work.costs, setting_.hints);
    auto choice = options();
    choice.policy = plan.policy;
    choice.record = recording;
    auto const report = session_.run(problem, choice);
    if (report.outcome != ballast::ExitCode::solved) return report.outcome;
    if (plan.timeline)
      for (auto const& span : problem.spans()) plan.timeline(span);
    return compared(plan, report);
  }

  static ComparedRun compared(PlannedRun const& plan, ballast::RunReport const& report) {
    auto const seconds = [](ballast::Duration time) { return std::chrono::duration<double>{time}.count(); };
    auto const makespan = seconds(report.makespan);
    auto const offered = makespan * report.solvers;
    return {plan.policy,
            plan.seed,
            makespan,
            seconds(ballast::ideal_makespan(plan.work)),
            static_cast<double>(report.messages),
            offered > 0 ? std::max(0.0, 1 - seconds(report.working) / offered) : 0,
            static_cast<double>(report.given_up_count)};
  }

  ballast::Session& session_;
  SimulateFlags flags_;
  ballast::SimulationSetting setting_;
  Effort effort_;
  ballast::Speeds speeds_;
  std::uint64_t all_;
};

}  // namespace

int compare_real_runs(CommandLine const& line, SimulateFlags const& flags) {
  ballast::Session session{line.argc, line.argv};
  Timeline timeline;
  Compared compared;
  try {
    RealRuns runs{session, flags};
    if (!session.is_main()) return runs.serve();
    compared = runs.lead(timeline);
  } catch (ballast::Error const& error) {
    return session.refuse(error).exit_code();
  }
  try {
    return publish(compared, flags, timeline);
  } catch (ballast::Error const& error) {  // too late to tell the other ranks: their runs are over
    fmt::print(stderr, "ballast: {}\n", error.what());
    return static_cast<int>(error.exit_code());
  }
}

}  // namespace app
