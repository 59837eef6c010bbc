// ballast simulate: what the policies would make of a workload, in virtual time and without MPI.
#include <fmt/core.h>

#include <cerrno>
#include <cstdio>
#include <fstream>
#include <memory>

#include <ballast/core/terminal.hpp>
#include <ballast/runtime/session.hpp>
#include <ballast/sim/choices.hpp>
#include <ballast/sim/simulation.hpp>

#include "comparison.hpp"
#include "quantities.hpp"
#include "subcommand.hpp"

namespace app {
namespace {

using ballast::SimulationSetting;

struct Flags {
  std::string policies{"all"};
  std::uint32_t nodes{8};
  std::uint32_t solvers{1};
  std::uint64_t jobs{10'000};
  std::string cost{"lognormal:mean=10ms,sigma=1.5"};
  std::string job_log;
  std::string speeds{"equal"};
  std::string weights{"measured"};
  std::string hints{"off"};
  std::string overhead{"10us"};
  std::string latency{"20us"};
  std::string faults;
  std::string lease{"10s"};
  std::string prefetch{"auto"};
  std::uint32_t retries{2};
  std::string speculate{"on"};
  std::string seed{"0"};
  std::uint64_t repeat{1};
  bool csv{false};
  std::string timeline;
};

void add_work_options(CLI::App& subcommand, Flags& flags) {
  auto* const group = subcommand.add_option_group("Work", "What there is to do, and who does it");
  constexpr std::uint32_t most = 1'000'000;
  group->add_option("--nodes", flags.nodes, "Computing nodes")->check(CLI::Range(1U, most))->capture_default_str();
  group->add_option("--solvers", flags.solvers, "Solvers of each")->check(CLI::Range(1U, 4096U))->capture_default_str();
  auto* const jobs = group->add_option("--jobs", flags.jobs, "Jobs")
                         ->check(CLI::Range(std::uint64_t{1}, std::uint64_t{100'000'000}))
                         ->capture_default_str();
  auto* const cost = group
                         ->add_option("--cost", flags.cost,
                                      "What jobs take on a node of speed 1: constant, uniform:spread=1, exponential, "
                                      "lognormal:sigma=1.5, bimodal:ratio=10,share=0.1, rising or falling, each with "
                                      "mean=10ms")
                         ->capture_default_str();
  group->add_option("--joblog", flags.job_log, "The run times in a job log of `parallel --joblog`, instead")
      ->excludes(jobs)
      ->excludes(cost);
  group
      ->add_option("--speeds", flags.speeds,
                   "equal; two:ratio=2,share=0.5 (that share is so many times slower); slow:factor=4,nodes=1 (the "
                   "first ones are slower); drift:factor=4,period=10s (all swing between 1 and 1/factor)")
      ->capture_default_str();
  group->add_option("--faults", flags.faults,
                    "Comma-separated: lost:NODE@TIME (silent from then on; nodes count from 1), failing:P (share of "
                    "attempts that fail)");
  group
      ->add_option("--overhead", flags.overhead,
                   "The Main Node's time per message it sends or receives, and a tenth of it per job in the message")
      ->capture_default_str();
  group->add_option("--latency", flags.latency, "Time of a message on its way")->capture_default_str();
}

void add_scheduling_options(CLI::App& subcommand, Flags& flags) {
  auto* const group = subcommand.add_option_group("Scheduling", "As for real runs");
  group
      ->add_option("--policies", flags.policies,
                   "Names that `ballast policies` lists, separated by commas, with parameters as in "
                   "NAME:key=value,key=value; or all")
      ->capture_default_str();
  group->add_option("--weights", flags.weights, "Whether the nodes' mean speeds are given, or have to be measured")
      ->check(CLI::IsMember({"given", "measured"}))
      ->capture_default_str();
  group->add_option("--hints", flags.hints, "Whether the jobs' costs are known beforehand")
      ->check(CLI::IsMember({"on", "off"}))
      ->capture_default_str();
  group->add_option("--prefetch", flags.prefetch, "Jobs a node may hold beyond those it computes, or auto")
      ->capture_default_str();
  group->add_option("--retries", flags.retries, "Further attempts at a failed job")->capture_default_str();
  group->add_option("--speculate", flags.speculate, "Second copies of stragglers at the end")
      ->check(CLI::IsMember({"on", "off"}))
      ->capture_default_str();
  group->add_option("--lease", flags.lease, "Silence after which a computing node is taken for lost")
      ->capture_default_str();
  group->add_option("--seed", flags.seed, "Of costs and failures, which are the same for all policies")
      ->capture_default_str();
}

void add_output_options(CLI::App& subcommand, Flags& flags) {
  auto* const group = subcommand.add_option_group("Output");
  group->add_option("--repeat", flags.repeat, "Simulate so many seeds from --seed on; the table shows their mean")
      ->check(CLI::Range(std::uint64_t{1}, std::uint64_t{1'000'000}))
      ->capture_default_str();
  group->add_flag("--csv", flags.csv, "One line per policy and seed, times in seconds");
  group->add_option("--timeline", flags.timeline,
                    "CSV of all attempts: policy,node,solver,job,attempt,start,end,outcome (solved, failed, cancelled "
                    "or lost), in seconds");
}

/// Writes each attempt of each policy to a file, or nowhere if none is wanted.
class Timeline {
 public:
  explicit Timeline(std::string const& path) : path_{path} {
    if (path.empty()) return;
    file_.open(path, std::ios::trunc);
    file_ << "policy,node,solver,job,attempt,start,end,outcome\n";
    check();
  }

  /// Where to tell of the attempts under this policy.
  [[nodiscard]] std::function<void(ballast::AttemptSpan const&)> of(std::string policy) {
    if (path_.empty()) return {};
    if (policy.find(',') != std::string::npos) policy = "\"" + policy + "\"";
    return [this, policy](ballast::AttemptSpan const& span) { write(policy, span); };
  }

  void close() {
    if (path_.empty()) return;
    file_.close();
    check();
  }

 private:
  void write(std::string const& policy, ballast::AttemptSpan const& span) {
    constexpr std::string_view ends[] = {"solved", "failed", "cancelled", "lost"};
    auto const seconds = [](ballast::Duration time) { return std::chrono::duration<double>{time}.count(); };
    file_ << fmt::format("{},{},{},{},{},{:.9f},{:.9f},{}\n", policy, span.node.value(), span.solver.value(),
                         span.name.job.value(), span.name.attempt.value(), seconds(span.begin), seconds(span.end),
                         ends[static_cast<std::size_t>(span.how)]);
  }

  void check() const {
    if (!file_) throw ballast::InputOutputError::from_errno("cannot write the timeline " + path_, errno, "correct it");
  }

  std::string path_;
  std::ofstream file_;
};

ballast::Workload workload(Flags const& flags, std::uint64_t seed) {
  ballast::Speeds speeds{flags.speeds, flags.nodes};
  auto costs =
      flags.job_log.empty() ? ballast::draw_costs(flags.cost, flags.jobs, seed) : ballast::read_job_log(flags.job_log);
  return {std::move(costs), std::move(speeds), flags.solvers};
}

SimulationSetting setting(Flags const& flags) {
  SimulationSetting setting;
  setting.messages.latency = parse_duration("--latency", flags.latency);
  setting.messages.message_cost = parse_duration("--overhead", flags.overhead);
  setting.messages.job_cost = setting.messages.message_cost / 10;
  setting.faults = ballast::parse_faults(flags.faults);
  setting.lease = parse_duration("--lease", flags.lease);
  setting.hints = flags.hints == "on" ? SimulationSetting::Hints::on : SimulationSetting::Hints::off;
  setting.weights = flags.weights == "given" ? SimulationSetting::Weights::given : SimulationSetting::Weights::measured;
  setting.rules.retries = flags.retries;
  if (flags.prefetch != "auto")
    setting.rules.prefetch =
        static_cast<std::uint32_t>(std::min<std::uint64_t>(parse_count("--prefetch", flags.prefetch), UINT32_MAX));
  setting.rules.speculation = flags.speculate == "on" ? ballast::Speculation::on : ballast::Speculation::off;
  return setting;
}

/// Says on a terminal what is simulated, once it has taken so long that somebody may wonder.
class Patience {
 public:
  void say(std::string const& policy, std::uint64_t done, std::uint64_t all) const {
    if (!watched_ || ballast::Clock::now() - begun_ < std::chrono::seconds{1}) return;
    fmt::print(stderr, "ballast: simulating {} ({} of {} runs are done)\n", policy, done, all);
  }

 private:
  bool watched_{ballast::is_terminal(ballast::Stream::error)};
  ballast::Time begun_{ballast::Clock::now()};
};

ComparedRun compared(std::string const& policy, std::uint64_t seed, ballast::SimulationOutcome const& outcome) {
  auto const seconds = [](ballast::Duration time) { return std::chrono::duration<double>{time}.count(); };
  return {policy,
          seed,
          seconds(outcome.makespan),
          seconds(outcome.ideal),
          static_cast<double>(outcome.messages),
          outcome.idle,
          static_cast<double>(outcome.given_up)};
}

/// Throws UsageError for what makes no sense together.
void check(Flags const& flags, CommandLine const& line) {
  constexpr std::uint64_t most_solvers = 10'000'000;
  if (line.has_command) throw ballast::UsageError{"simulate runs no command", "", "leave out `--` and what follows it"};
  if (std::uint64_t{flags.nodes} * flags.solvers > most_solvers)
    throw ballast::UsageError{fmt::format("{} nodes with {} solvers each are too many", flags.nodes, flags.solvers),
                              fmt::format("there may be {} solvers in all", most_solvers), "simulate fewer"};
}

void print(std::string const& text) {
  if (std::fwrite(text.data(), 1, text.size(), stdout) < text.size() || std::fflush(stdout) != 0)
    throw ballast::InputOutputError::from_errno("cannot write to standard output", errno, "make room or redirect it");
}

int run_simulate(Flags const& flags) {
  auto const policies = ballast::split_policies(flags.policies);
  auto common = setting(flags);
  auto const first_seed = parse_count("--seed", flags.seed);
  Timeline timeline{flags.timeline};
  Patience const patience;
  std::vector<ComparedRun> runs(policies.size() * flags.repeat);
  ComparedWork work{0, flags.nodes, flags.solvers, flags.job_log.empty() ? flags.cost : flags.job_log, flags.speeds};
  for (std::uint64_t turn = 0; turn < flags.repeat; ++turn) {
    common.seed = first_seed + turn;
    auto const jobs = workload(flags, common.seed);
    work.jobs = jobs.costs.size();
    for (std::size_t i = 0; i < policies.size(); ++i) {
      patience.say(policies[i], turn * policies.size() + i, runs.size());
      common.policy = policies[i];
      common.timeline = timeline.of(policies[i]);
      runs[i * flags.repeat + turn] = compared(policies[i], common.seed, ballast::simulate(jobs, common));
    }
  }
  timeline.close();
  print(flags.csv ? comparison_csv(runs, work) : comparison_table(runs, work));
  return 0;
}

}  // namespace

Run add_simulate(CLI::App& program) {
  auto* const subcommand = program.add_subcommand(
      "simulate", "What the policies would make of a workload: the real dispatcher in virtual time, no MPI");
  auto const flags = std::make_shared<Flags>();
  add_work_options(*subcommand, *flags);
  add_scheduling_options(*subcommand, *flags);
  add_output_options(*subcommand, *flags);
  subcommand->footer(
      "Ideal is what no schedule can beat: all work at once on all solvers, or the longest job alone on the fastest "
      "node (with drift: at mean speeds; losses are not counted).\nIdle is the share of the solvers' time in which "
      "they computed nothing.");
  return [flags](CommandLine const& line) {
    check(*flags, line);
    return ballast::Session::launched_rank() > 0 ? 0 : run_simulate(*flags);
  };
}

}  // namespace app
