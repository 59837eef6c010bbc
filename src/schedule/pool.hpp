// Pool: the jobs that no node has been assigned yet, kept as lanes rather than one by one.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <optional>

#include "ballast/schedule/policy.hpp"
#include "schedule/job_run.hpp"

namespace ballast {

/// Every job is first in the pool, in exactly one lane: a node's own, or the common one. Nodes take from the front.
class Pool {
 public:
  /// Jobs 0 … count − 1 exist. A count never shrinks.
  void grow(std::uint64_t count);
  [[nodiscard]] std::uint64_t total() const { return found_; }

  /// Gives the node a lane of its own. Lanes are given before the first job is taken, and cover the dataset together.
  void reserve(NodeId node, Lane lane);
  /// What is left in the node's lane belongs to all.
  void release(NodeId node);

  /// Jobs found and not taken, in the common lanes or in the node's own.
  [[nodiscard]] std::uint64_t common() const;
  [[nodiscard]] std::uint64_t reserved(NodeId node) const;

  /// The next `count` jobs (fewer if there are not so many) of the node's own lane, or else of the common ones.
  [[nodiscard]] JobRuns take(NodeId node, std::uint64_t count);

 private:
  [[nodiscard]] std::uint64_t left(Lane const& lane) const;
  /// Moves up to `count` jobs from the front of the lane to `taken`; returns how many.
  std::uint64_t cut(Lane& lane, std::uint64_t count, JobRuns& taken) const;

  std::uint64_t found_{0};
  std::map<NodeId, Lane> reserved_;
  std::deque<Lane> common_{Lane{}};
};

}  // namespace ballast
