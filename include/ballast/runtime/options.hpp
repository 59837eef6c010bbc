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
  std::filesystem::path record{};                    ///< directory for a recording of all decisions; empty = none
  std::string directory{};                           ///< where the nodes work; empty = where the Main Node does
  std::vector<std::string> environment{};            ///< names of variables sent to the nodes, beside PATH
  ProgressStyle progress = ProgressStyle::automatic;
  Verbosity verbosity = Verbosity::normal;
};

}  // namespace ballast
