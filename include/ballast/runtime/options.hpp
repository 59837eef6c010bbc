// Run options: the user's say in how a run goes; they never change its result.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "ballast/core/clock.hpp"
#include "ballast/schedule/rules.hpp"

namespace ballast {

/// Of the allowed cores for solvers, of the median job time for time limits.
struct Percent {
  double value{};
};

/// The allowed cores with one rank, else 1.
struct Automatic {};

enum class ProgressStyle { automatic, always, never };
enum class Verbosity { quiet, normal, verbose };

/// What to do with a run directory that has been used.
enum class Resume {
  no,         ///< refuse it
  go_on,      ///< do what is missing
  and_retry,  ///< the same, and try again what was given up
};

/// When to stop early.
struct Halt {
  enum class How { soon, now } how{};                ///< let running jobs end, or not
  enum class What { failed, solved, ended } what{};  ///< counts jobs given up, solved, or both
  std::variant<std::uint64_t, Percent> limit{};      ///< jobs, or the share of the dataset's (of at least 3 that ended)
};

/// Whether the session's next run follows at once, if this one is solved. A signal that comes too late for this run is
/// then that one's.
enum class Sequel { none, follows };

struct RunOptions {
  std::string policy = "auto";    ///< as make_policy() takes it
  std::vector<double> weights{};  ///< speeds of the computing nodes, rank 1 first, > 0; empty = not known
  std::variant<Automatic, std::uint32_t, Percent> solvers = Automatic{};  ///< processes per node; 0 = inside the rank
  std::optional<std::uint32_t> prefetch{};  ///< jobs held beyond those computed; none = as job times ask for
  std::uint32_t retries = 2;                ///< further attempts at a failed job
  /// Of one attempt: a duration, or a share of the median of at least 3 solved jobs. Needs solver processes.
  std::optional<std::variant<Duration, Percent>> time_limit{};
  std::optional<std::uint64_t> max_jobs_per_node{};  ///< a node leaves after so many
  Speculation speculation = Speculation::on;         ///< second copies of stragglers
  Duration lease = std::chrono::seconds{10};         ///< silence after which a computing node is taken for lost
  Duration grace = std::chrono::seconds{10};         ///< for running jobs when the run is drained
  std::optional<Duration> delay{};                   ///< between the starts of any two jobs
  std::optional<Duration> run_limit{};               ///< drain so that the run ends in this time
  std::optional<Halt> halt{};
  std::filesystem::path run_dir{};  ///< journal of this run; empty = nothing is durable
  Resume resume = Resume::no;
  std::filesystem::path record{};          ///< directory for a recording of all decisions; empty = none
  std::string directory{};                 ///< where the nodes work; empty = where the Main Node does
  std::vector<std::string> environment{};  ///< names of variables sent to the nodes, beside PATH
  ProgressStyle progress = ProgressStyle::automatic;
  Verbosity verbosity = Verbosity::normal;
  Sequel sequel = Sequel::none;
};

}  // namespace ballast
