// Workload: synthetic jobs, and the speeds of the nodes that solve them.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "ballast/core/clock.hpp"

namespace ballast {

/// What jobs 0, 1, 2 … cost: the time that each takes on a node of speed 1.
using JobCosts = std::vector<Duration>;

/// Draws costs from a distribution, each from the seed and its job's id alone. `choice` is NAME:key=value,key=value,
/// one of these, with mean=10ms if nothing else is said:
///   constant     uniform:spread=1 (mean ± spread)     exponential     lognormal:sigma=1.5
///   bimodal:ratio=10,share=0.1 (so large a share lasts so many times longer than the rest)
///   rising (in equal steps from next to nothing for the first job to twice the mean for the last one)     falling
/// Throws UsageError for anything else.
[[nodiscard]] JobCosts draw_costs(std::string_view choice, std::uint64_t jobs, std::uint64_t seed);

/// The run times in a job log as GNU parallel writes it, in the order of Seq; of a job that is there twice, the last.
/// Throws InputOutputError with the number of the line that is not understood.
[[nodiscard]] JobCosts read_job_log(std::string const& path);

/// How fast each of some nodes is.
class Speeds {
 public:
  /// `choice` is one of these (n nodes are the first n):
  ///   equal (all 1)     two:ratio=2,share=0.5 (so large a share of the nodes is so many times slower than the rest)
  ///   slow:factor=4,nodes=1 (so many nodes are so many times slower)
  ///   drift:factor=4,period=10s (all swing between 1 and 1/factor as a sine does, one behind the other)
  /// Throws UsageError for anything else.
  Speeds(std::string_view choice, std::uint32_t nodes);

  [[nodiscard]] std::uint32_t nodes() const { return static_cast<std::uint32_t>(base_.size()); }
  /// Of the node at this place, 0 … nodes() − 1, at this time.
  [[nodiscard]] double at(std::uint32_t place, Time time) const;
  /// Over time.
  [[nodiscard]] double mean(std::uint32_t place) const { return base_[place]; }
  /// What no node exceeds.
  [[nodiscard]] double fastest() const { return fastest_; }

 private:
  std::vector<double> base_;
  double swing_{0};   // the speed is base ± swing
  double period_{1};  // s
  double fastest_{1};
};

struct Workload {
  JobCosts costs;
  Speeds speeds;
  std::uint32_t solvers{1};  ///< of each node
};

/// What no schedule can beat: the larger of all work at once on all solvers, and the longest job on the fastest node.
/// For speeds that drift, their means count for the former; a lucky schedule may be a little faster than that.
[[nodiscard]] Duration ideal_makespan(Workload const& workload);

}  // namespace ballast
