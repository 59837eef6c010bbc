// Seeds are the outer loop, policies the inner one; the rows come out the other way round.
#include "comparing.hpp"

#include <fmt/core.h>

#include <cerrno>
#include <cstdio>

#include <ballast/core/terminal.hpp>
#include <ballast/sim/choices.hpp>

#include "quantities.hpp"

namespace app {
namespace {

/// Says on a terminal what is done, once it has taken so long that somebody may wonder.
class Patience {
 public:
  explicit Patience(SimulateFlags const& flags) : doing_{flags.is_real() ? "running" : "simulating"} {}

  void say(std::string const& policy, std::uint64_t done, std::uint64_t all) const {
    if (!watched_ || ballast::Clock::now() - begun_ < std::chrono::seconds{1}) return;
    fmt::print(stderr, "ballast: {} {} ({} of {} runs are done)\n", doing_, policy, done, all);
  }

 private:
  char const* doing_;
  bool watched_{ballast::is_terminal(ballast::Stream::error)};
  ballast::Time begun_{ballast::Clock::now()};
};

ComparedWork facts(SimulateFlags const& flags) {
  return {0,
          flags.node_count(),
          flags.solvers,
          flags.job_log.empty() ? flags.cost : flags.job_log,
          flags.speeds,
          flags.is_real() ? flags.real : "simulated"};
}

}  // namespace

Compared compare_policies(SimulateFlags const& flags, Timeline& timeline, RunMaker const& make_run) {
  auto const policies = ballast::split_policies(flags.policies);
  auto const first_seed = parse_count("--seed", flags.seed);
  Patience const patience{flags};
  Compared compared{.runs = std::vector<ComparedRun>(policies.size() * flags.repeat), .work = facts(flags)};
  for (std::uint64_t turn = 0; turn < flags.repeat; ++turn) {
    auto const seed = first_seed + turn;
    auto const work = workload_of(flags, seed);
    compared.work.jobs = work.costs.size();
    for (std::size_t i = 0; i < policies.size(); ++i) {
      patience.say(policies[i], turn * policies.size() + i, compared.runs.size());
      auto const made = make_run({policies[i], seed, work, timeline.of(policies[i])});
      if (auto const* const failed = std::get_if<ballast::ExitCode>(&made)) {
        compared.outcome = *failed;
        return compared;
      }
      compared.runs[i * flags.repeat + turn] = std::get<ComparedRun>(made);
    }
  }
  return compared;
}

void print(std::string const& text) {
  if (std::fwrite(text.data(), 1, text.size(), stdout) < text.size() || std::fflush(stdout) != 0)
    throw ballast::InputOutputError::from_errno("cannot write to standard output", errno, "make room or redirect it");
}

int publish(Compared const& compared, SimulateFlags const& flags, Timeline& timeline) {
  timeline.close();
  if (compared.outcome == ballast::ExitCode::solved)
    print(flags.csv ? comparison_csv(compared.runs, compared.work) : comparison_table(compared.runs, compared.work));
  return static_cast<int>(compared.outcome);
}

}  // namespace app
