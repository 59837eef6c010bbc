// Ledger: where every job is: in the pool, held by a node, waiting for another try, or resolved.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <unordered_map>

#include "schedule/holdings.hpp"
#include "schedule/pool.hpp"

namespace ballast {

/// Counts every job once. Its size in memory is that of what is in flight, whatever the dataset's.
class Ledger {
 public:
  [[nodiscard]] Pool& pool() { return pool_; }
  [[nodiscard]] Pool const& pool() const { return pool_; }
  void end_dataset() { ended_ = true; }

  [[nodiscard]] bool dataset_ended() const { return ended_; }
  [[nodiscard]] std::uint64_t unresolved() const { return pool_.total() - resolved_; }
  [[nodiscard]] bool finished() const { return ended_ && unresolved() == 0; }
  [[nodiscard]] std::uint64_t held(NodeId node) const;
  /// Whether the node has been assigned this attempt, and it has not ended.
  [[nodiscard]] bool holds(NodeId node, JobAttempt name) const;
  /// How many runs it takes to say what all nodes hold.
  [[nodiscard]] std::size_t runs_in_flight() const;

  /// Moves up to `count` jobs from the pool to the node.
  [[nodiscard]] JobRuns assign(NodeId node, std::uint64_t count);

  enum class Fallback { wait_for_another_node, take_it_again };
  /// Moves one run of jobs that wait for another try to the node, at most `count` of them. What failed on this very
  /// node is left to others, if there are any to wait for.
  [[nodiscard]] JobRuns reassign(NodeId node, std::uint64_t count, Fallback fallback);
  [[nodiscard]] bool has_retries() const { return !retries_.empty(); }

  /// The node has solved the job. False if it does not hold this attempt: too late, or a second time.
  [[nodiscard]] bool settle(NodeId node, JobAttempt name);
  /// The node has failed at the job: how often it has failed by now, or none if the node does not hold this attempt.
  /// A known failure must be followed by give_up() or retry().
  [[nodiscard]] std::optional<std::uint32_t> fail(NodeId node, JobAttempt name);
  void give_up(JobAttempt name);
  void retry(JobAttempt name, NodeId failed_on);
  /// All that the node holds, and its lane, goes to others; nothing of it counts as a failure.
  void lose(NodeId node);

 private:
  struct Retry {
    JobRun run;
    std::optional<NodeId> failed_on;
  };

  Pool pool_;
  bool ended_{false};
  std::uint64_t resolved_{0};
  std::map<NodeId, Holdings> holdings_;
  std::deque<Retry> retries_;
  std::unordered_map<JobId, std::uint32_t> failures_;  // of unresolved jobs that have failed at all
};

}  // namespace ballast
