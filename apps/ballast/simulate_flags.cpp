// Options that mean nothing to real runs, or to a replay, exclude them.
#include "simulate_flags.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <vector>

#include "quantities.hpp"

namespace app {
namespace {

using ballast::SimulationSetting;

void add_message_options(CLI::App& group, SimulateFlags& flags) {
  group.add_option("--faults", flags.faults,
                   "Comma-separated: lost:NODE@TIME (silent from then on; nodes count from 1), failing:P (share of "
                   "attempts that fail)");
  group
      .add_option("--overhead", flags.overhead,
                  "The Main Node's time per message it sends or receives, and a tenth of it per job in the message")
      ->capture_default_str();
  group.add_option("--latency", flags.latency, "Time of a message on its way")->capture_default_str();
}

CLI::App& add_work_options(CLI::App& subcommand, SimulateFlags& flags) {
  auto* const group = subcommand.add_option_group("Work", "What there is to do, and who does it");
  constexpr std::uint32_t most = 1'000'000;
  group->add_option("--nodes", flags.nodes, "Computing nodes; real runs have as many as there are")
      ->check(CLI::Range(1U, most))
      ->default_str(std::to_string(flags.node_count()));
  group->add_option("-j,--solvers", flags.solvers, "Solvers of each")
      ->check(CLI::Range(1U, 4096U))
      ->capture_default_str();
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
  add_message_options(*group, flags);
  return *group;
}

CLI::App& add_scheduling_options(CLI::App& subcommand, SimulateFlags& flags) {
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
  return *group;
}

CLI::App& add_output_options(CLI::App& subcommand, SimulateFlags& flags) {
  auto* const group = subcommand.add_option_group("Output");
  group->add_option("--repeat", flags.repeat, "Simulate so many seeds from --seed on; the table shows their mean")
      ->check(CLI::Range(std::uint64_t{1}, std::uint64_t{1'000'000}))
      ->capture_default_str();
  group->add_flag("--csv", flags.csv, "One line per policy and seed, times in seconds");
  group->add_option("--timeline", flags.timeline,
                    "CSV of all attempts: policy,node,solver,job,attempt,start,end,outcome (solved, failed, cancelled "
                    "or lost), in seconds; of real runs, those that solved a job, from the first start on");
  return *group;
}

void add_real_options(CLI::App& subcommand, SimulateFlags& flags, std::vector<CLI::App*>& groups) {
  auto* const group = subcommand.add_option_group("Real runs", "The same table from runs of the engine, under mpirun");
  auto* const real = group
                         ->add_option("--real", flags.real,
                                      "Run the jobs in real time on the ranks that there are: each sleeps what it "
                                      "costs, or computes until it has used so much CPU time, however many processes "
                                      "share the cores")
                         ->check(CLI::IsMember({"sleep", "compute"}));
  group
      ->add_option("--record", flags.record,
                   "Record each run in DIR/POLICY-SEED for --replay; if there is only one, in DIR")
      ->needs(real);
  for (auto* const other : groups)
    for (auto const* const name : {"--faults", "--overhead", "--latency", "--lease"})
      if (auto* const option = other->get_option_no_throw(name)) real->excludes(option);
  groups.push_back(group);
}

void add_replay_options(CLI::App& subcommand, SimulateFlags& flags, std::vector<CLI::App*> const& groups) {
  auto* const group = subcommand.add_option_group("Replay", "A recorded run, decided again");
  auto* const replay = group->add_option("--replay", flags.replay,
                                         "Tell the dispatcher all that it was told in the run that `--record DIR` has "
                                         "recorded, and compare what it decides; no option but --until goes with it");
  group
      ->add_option("--until", flags.until,
                   "job=N: show each decision and its reason, until job N (from 0) is solved or given up")
      ->needs(replay);
  // Nothing else goes with it, which --help need not repeat at every option.
  subcommand.final_callback([replay, groups] {
    for (auto const* const other : groups)
      for (auto const* const option : other->get_options())
        if (replay->count() > 0 && option->count() > 0) throw CLI::ExcludesError{option->get_name(), "--replay"};
  });
}

}  // namespace

void add_simulate_options(CLI::App& subcommand, SimulateFlags& flags) {
  std::vector<CLI::App*> groups{&add_work_options(subcommand, flags), &add_scheduling_options(subcommand, flags),
                                &add_output_options(subcommand, flags)};
  add_real_options(subcommand, flags, groups);
  add_replay_options(subcommand, flags, groups);
}

void check_simulate_flags(SimulateFlags const& flags, CommandLine const& line) {
  constexpr std::uint64_t most_solvers = 10'000'000;
  refuse_command(line);
  if (std::uint64_t{flags.node_count()} * flags.solvers > most_solvers)
    throw ballast::UsageError{
        fmt::format("{} nodes with {} solvers each are too many", flags.node_count(), flags.solvers),
        fmt::format("there may be {} solvers in all", most_solvers), "simulate fewer"};
}

ballast::Workload workload_of(SimulateFlags const& flags, std::uint64_t seed) {
  ballast::Speeds speeds{flags.speeds, flags.node_count()};
  auto costs =
      flags.job_log.empty() ? ballast::draw_costs(flags.cost, flags.jobs, seed) : ballast::read_job_log(flags.job_log);
  return {std::move(costs), std::move(speeds), flags.solvers};
}

SimulationSetting setting_of(SimulateFlags const& flags) {
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

}  // namespace app
