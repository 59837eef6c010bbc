// Run flags: the options of every subcommand that runs jobs.
#pragma once

#include <CLI/CLI.hpp>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include <ballast/core/clock.hpp>
#include <ballast/runtime/options.hpp>

namespace app {

/// Where a result goes: a bar below results on the same terminal would only be in their way.
enum class Result { standard_output, file };

/// What a subcommand's jobs may suffer without being asked: pure ones are tried again and copied, others are not.
enum class Jobs { pure, with_side_effects };

/// What a resumed run goes by.
enum class Memory { run_directory, job_log };

class RunFlags {
 public:
  /// Adds the options to a subcommand; they are read by options().
  explicit RunFlags(CLI::App& subcommand, Jobs jobs = Jobs::pure);

  /// Throws UsageError for values that make no sense.
  [[nodiscard]] ballast::RunOptions options(Result result, Memory memory = Memory::run_directory) const;
  /// Whether, and how, an earlier run is to be gone on with.
  [[nodiscard]] ballast::Resume resume() const;
  [[nodiscard]] std::string const& run_dir() const { return run_dir_; }
  [[nodiscard]] std::uint64_t seed() const { return seed_; }
  [[nodiscard]] bool print_config() const { return print_config_; }
  /// For --print-config: the options in force.
  [[nodiscard]] nlohmann::ordered_json config(Memory memory = Memory::run_directory) const;

 private:
  std::string policy_{ballast::RunOptions{}.policy};
  std::string weights_;
  std::string solvers_{"auto"};
  std::string prefetch_{"auto"};
  std::uint32_t retries_{ballast::RunOptions{}.retries};
  std::string timeout_;
  std::uint64_t max_jobs_per_node_{0};
  std::string speculate_{"on"};
  std::string lease_{"10s"};
  std::string grace_{"10s"};
  std::string run_limit_;
  std::string halt_{"never"};
  std::string run_dir_;
  bool resume_{false};
  bool resume_failed_{false};
  std::string record_;
  std::string workdir_;
  std::vector<std::string> env_;
  std::string progress_{"auto"};
  std::uint64_t seed_{0};
  bool quiet_{false};
  bool verbose_{false};
  bool print_config_{false};
};

/// --time-limit is that of all runs of a command together: leaves the next one what is left of it since `began`.
void deduct_time_since(ballast::Time began, ballast::RunOptions& options);

}  // namespace app
