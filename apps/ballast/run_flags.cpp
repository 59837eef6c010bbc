// Text from the command line becomes RunOptions here, and nowhere else.
#include "run_flags.hpp"

#include <fmt/core.h>

#include <algorithm>

#include <ballast/core/error.hpp>
#include <ballast/core/terminal.hpp>
#include <ballast/runtime/session.hpp>
#include <ballast/runtime/slurm.hpp>
#include <ballast/schedule/policy.hpp>

#include "halt.hpp"
#include "quantities.hpp"
#include "weights.hpp"

namespace app {
namespace {

enum class Say { why_none, nothing };

std::optional<ballast::Duration> automatic_limit(Say say) {
  // The Main Node keeps the time.
  if (ballast::Session::launched_rank() > 0) return {};
  auto const limit = ballast::slurm_run_limit();
  if (auto const* const time = std::get_if<ballast::Duration>(&limit)) return *time;
  if (say == Say::why_none)
    fmt::print(stderr, "ballast: --time-limit auto sets no limit ({})\n", std::get<std::string>(limit));
  return {};
}

ballast::Duration parse_run_limit(std::string const& text) {
  auto const limit = parse_duration("--time-limit", text);
  if (limit <= ballast::Duration{0})
    throw ballast::UsageError{"a time limit of nothing leaves no time for any job", "",
                              "give --time-limit a time, or leave it out"};
  return limit;
}

}  // namespace

RunFlags::RunFlags(CLI::App& subcommand, Jobs jobs) {
  if (jobs == Jobs::with_side_effects) {
    retries_ = 0;
    speculate_ = "off";
  }
  auto* const group = subcommand.add_option_group("Running", "How the jobs are run; the result does not depend on it");
  group
      ->add_option(
          "--policy", policy_,
          "Load balancing, NAME[:key=value,...] with a name and its parameters as `ballast policies` lists them")
      ->capture_default_str();
  group->add_option("--weights", weights_,
                    "Relative speeds of the computing nodes, rank 1 first: W1,W2,... or a FILE with one per line");
  group
      ->add_option(
          "-j,--solvers", solvers_,
          "Solver processes per computing node: N, N% of the allowed cores, or auto (all allowed cores with one "
          "rank, else 1); 0 = inside the rank")
      ->capture_default_str();
  group->add_option("--prefetch", prefetch_, "Jobs a node may hold beyond those it computes, or auto")
      ->capture_default_str();
  group->add_option("--retries", retries_, "Further attempts at a failed job")->capture_default_str();
  group->add_option("--timeout", timeout_, "Limit of one attempt: 30s, or 200% of the median of at least 3 solved");
  group->add_option("--max-jobs-per-node", max_jobs_per_node_, "A computing node leaves after N jobs")
      ->check(at_least_one());
  group->add_option("--speculate", speculate_, "Second copies of stragglers at the end")
      ->check(CLI::IsMember({"on", "off"}))
      ->capture_default_str();
  group->add_option("--lease", lease_, "Silence after which a computing node is taken for lost; 0 = never")
      ->capture_default_str();
  group->add_option("--run-dir", run_dir_,
                    "Keep there what is done, durably, so that --resume can go on after anything that may happen");
  auto* const resume = group->add_flag("--resume", resume_, "Go on with the run in --run-dir, or begin it");
  group->add_flag("--resume-failed", resume_failed_, "The same, and try again what was given up")->excludes(resume);
  group->add_option("--grace", grace_, "Time for running jobs when a signal or --time-limit ends the run early")
      ->capture_default_str();
  group->add_option("--time-limit", run_limit_,
                    "End by itself in this time: no job is begun that would last longer, and --run-dir can be "
                    "resumed; auto = what Slurm leaves, or none");
  group->add_option("--halt", halt_, "Stop early: soon,fail=N or now,fail=N%; also success= and done=, as GNU parallel")
      ->capture_default_str();
  group->add_option(
      "--record", record_,
      "Write what the dispatcher was told and decided to DIR/decisions, for `ballast simulate --replay DIR`");
  group->add_option("--workdir", workdir_, "Where the nodes work (default: where rank 0 does)");
  group->add_option("--env", env_, "Name of a variable to send from rank 0 to the nodes, beside PATH")
      ->allow_extra_args(false);
  group->add_option("--progress", progress_, "On stderr: a bar on a terminal, else a line every 10 s")
      ->check(CLI::IsMember({"auto", "always", "never"}))
      ->capture_default_str();
  group->add_option("--seed", seed_, "Of everything that is drawn at random")->capture_default_str();
  auto* const quiet = group->add_flag("--quiet", quiet_, "Errors only");
  group->add_flag("--verbose", verbose_, "Nodes and retries, too")->excludes(quiet);
  group->add_flag("--print-config", print_config_, "Print the options in force as JSON and end");
}

ballast::RunOptions RunFlags::options(Result result, Memory memory) const {
  ballast::RunOptions options;
  static_cast<void>(ballast::make_policy(policy_));
  options.policy = policy_;
  // What only the Main Node needs is read there only.
  if (!weights_.empty() && ballast::Session::launched_rank() == 0)
    options.weights = parse_weights("--weights", weights_);
  if (solvers_.ends_with('%'))
    options.solvers = parse_percent("--solvers", solvers_);
  else if (solvers_ != "auto")
    options.solvers = static_cast<std::uint32_t>(std::min<std::uint64_t>(parse_count("--solvers", solvers_), 4096));
  if (prefetch_ != "auto")
    options.prefetch =
        static_cast<std::uint32_t>(std::min<std::uint64_t>(parse_count("--prefetch", prefetch_), UINT32_MAX));
  options.retries = retries_;
  if (timeout_.ends_with('%'))
    options.time_limit = parse_percent("--timeout", timeout_);
  else if (!timeout_.empty())
    options.time_limit = parse_duration("--timeout", timeout_);
  if (max_jobs_per_node_ > 0) options.max_jobs_per_node = max_jobs_per_node_;
  options.speculation = speculate_ == "on" ? ballast::Speculation::on : ballast::Speculation::off;
  options.lease = parse_duration("--lease", lease_);
  options.grace = parse_duration("--grace", grace_);
  options.halt = parse_halt(halt_);
  options.run_dir = run_dir_;
  options.resume = memory == Memory::run_directory ? resume() : ballast::Resume::no;
  if (options.resume != ballast::Resume::no && run_dir_.empty())
    throw ballast::UsageError{"there is nothing to resume", "a run is kept only in a run directory",
                              "name it with --run-dir DIR"};
  options.record = record_;
  options.directory = workdir_;
  options.environment = env_;
  using enum ballast::ProgressStyle;
  options.progress = progress_ == "always" ? always : progress_ == "never" ? never : automatic;
  if (progress_ == "auto" && result == Result::standard_output && ballast::is_terminal(ballast::Stream::output))
    options.progress = never;
  if (quiet_) options.verbosity = ballast::Verbosity::quiet;
  if (verbose_) options.verbosity = ballast::Verbosity::verbose;
  if (run_limit_ == "auto")
    options.run_limit = automatic_limit(quiet_ || print_config_ ? Say::nothing : Say::why_none);
  else if (!run_limit_.empty())
    options.run_limit = parse_run_limit(run_limit_);
  return options;
}

ballast::Resume RunFlags::resume() const {
  if (!resume_ && !resume_failed_) return ballast::Resume::no;
  return resume_failed_ ? ballast::Resume::and_retry : ballast::Resume::go_on;
}

nlohmann::ordered_json RunFlags::config(Memory memory) const {
  static_cast<void>(options(Result::file, memory));
  auto const or_null = [](auto const& value, bool given) { return given ? nlohmann::ordered_json(value) : nullptr; };
  return {{"policy", policy_},
          {"weights", or_null(weights_, !weights_.empty())},
          {"solvers", solvers_},
          {"prefetch", prefetch_},
          {"retries", retries_},
          {"timeout", or_null(timeout_, !timeout_.empty())},
          {"max_jobs_per_node", or_null(max_jobs_per_node_, max_jobs_per_node_ > 0)},
          {"speculate", speculate_ == "on"},
          {"lease", lease_},
          {"grace", grace_},
          {"time_limit", or_null(run_limit_, !run_limit_.empty())},
          {"halt", halt_},
          {"run_dir", or_null(run_dir_, !run_dir_.empty())},
          {"resume", resume_ || resume_failed_},
          {"resume_failed", resume_failed_},
          {"record", or_null(record_, !record_.empty())},
          {"workdir", or_null(workdir_, !workdir_.empty())},
          {"env", env_},
          {"progress", progress_},
          {"seed", seed_},
          {"verbosity", quiet_     ? "quiet"
                        : verbose_ ? "verbose"
                                   : "normal"}};
}

void deduct_time_since(ballast::Time began, ballast::RunOptions& options) {
  if (!options.run_limit) return;
  auto const left = *options.run_limit - (ballast::Clock::now() - began);
  options.run_limit = std::max<ballast::Duration>(left, std::chrono::milliseconds{1});
}

}  // namespace app
