// Pool: the jobs that no node has been assigned yet, kept as lanes rather than one by one.
#pragma once

#include <cstdint>
#include <deque>
#include <limits>
#include <map>
#include <vector>

#include "ballast/schedule/policy.hpp"
#include "schedule/gaps.hpp"
#include "schedule/job_run.hpp"
#include "schedule/shard.hpp"

namespace ballast {

/// Of what is taken at a time from an arranged pool.
struct CostLimits {
  static constexpr double none = std::numeric_limits<double>::infinity();
  double each{none};      ///< of the costliest job; if all cost more, the cheapest is taken
  double together{none};  ///< of all, if they are more than one
};

/// Of one shard. Every job is first in the pool, in exactly one lane: a node's own, or the common one. Nodes take from
/// the front. Lanes run over places: those of the jobs that are left, in dataset order unless the pool was arranged.
/// All counts are of jobs that are left.
class Pool {
 public:
  explicit Pool(Shard shard = {}) : shard_{shard} {}

  /// These jobs are not in the pool: nothing of them is left to do. In order, disjoint, before jobs are found.
  void leave_out(std::vector<JobSpan> const& resolved);
  /// Jobs 0 … count − 1 exist, of which the shard's are this pool's. A count never shrinks.
  void grow(std::uint64_t count);
  [[nodiscard]] std::uint64_t total() const { return found_; }
  /// The costliest jobs come first from now on, in order of their ids where costs are equal. Expects that this is the
  /// only shard, all jobs have been found, and none was taken; those without a cost come last.
  void arrange(std::vector<double> costs);
  /// Of the jobs that were not taken, once arranged.
  [[nodiscard]] double cost_left() const { return cost_left_; }

  /// Of the cheapest common job, once arranged.
  [[nodiscard]] double least_cost() const;

  /// Gives the node a lane of its own. Lanes are given before the first job is taken, and cover the dataset together.
  void reserve(NodeId node, Lane lane);
  /// Moves the next common job to the end of the node's own. Expects that there is one.
  void deal(NodeId node);
  /// What is left in the node's lanes belongs to all.
  void release(NodeId node);

  /// Jobs found and not taken, in the common lanes or in the node's own.
  [[nodiscard]] std::uint64_t common() const;
  [[nodiscard]] std::uint64_t reserved(NodeId node) const;
  [[nodiscard]] std::uint64_t untaken() const { return found_ - taken_; }  ///< by whoever

  /// The next `count` jobs (fewer if there are not so many) of the node's own lane, or else of the common ones. Of an
  /// arranged pool, from the costliest on that the limits allow; if their sum is limited, half of it is for the
  /// cheapest. At most `most_runs` runs: where only every other job is left, millions would not fit into a message.
  static constexpr std::size_t most_runs = 4096;
  [[nodiscard]] JobRuns take(NodeId node, std::uint64_t count, CostLimits const& limits = {});

 private:
  using Lanes = std::deque<Lane>;

  [[nodiscard]] std::uint64_t left(Lane const& lane) const;
  [[nodiscard]] std::uint64_t left(Lanes const& lanes) const;
  /// Moves up to `count` jobs from the front of the lanes, from one of them on, to `taken`.
  void cut(Lanes& lanes, std::size_t from, std::uint64_t count, JobRuns& taken);
  /// The costliest common jobs, from a lane on, for half of the limit at most, and the cheapest of all for the rest.
  void cut_both_ends(std::size_t from, std::uint64_t count, double limit, JobRuns& taken);
  /// Makes a common lane begin with the costliest job within the limit, or with the cheapest of all; which one.
  [[nodiscard]] std::size_t split_at(double cost_limit);
  [[nodiscard]] JobId job_at(std::uint64_t place) const;

  /// Adds what is at these places to `taken`, in whole runs; returns how many jobs.
  std::uint64_t take_places(Lane const& lane, std::uint64_t count, JobRuns& taken) const;

  Shard shard_;
  Gaps gaps_;               // over places in the shard
  std::uint64_t jobs_{0};   // found in the shard, with those that are resolved
  std::uint64_t found_{0};  // of those that are left
  std::uint64_t taken_{0};
  std::vector<std::uint64_t> order_;  // job by place, if arranged
  std::vector<double> costs_;         // by job, if arranged
  double cost_left_{0};
  std::map<NodeId, Lanes> reserved_;
  Lanes common_{Lane{}};
};

}  // namespace ballast
