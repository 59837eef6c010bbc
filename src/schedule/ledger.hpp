// Ledger: where every job is: in the pool, held by a node, waiting for another node, or resolved.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <unordered_map>
#include <vector>

#include "schedule/holdings.hpp"
#include "schedule/pool.hpp"
#include "schedule/step.hpp"

namespace ballast {

/// Who is at work on an attempt.
struct Holder {
  NodeId node;
  JobAttempt name;
};

/// Counts every job once. Its size in memory is that of what is in flight, whatever the dataset's.
class Ledger {
 public:
  explicit Ledger(std::uint32_t shards = 1);

  [[nodiscard]] Pool& pool(std::uint32_t shard = 0) { return pools_[shard]; }
  [[nodiscard]] Pool const& pool(std::uint32_t shard = 0) const { return pools_[shard]; }
  /// Jobs of all shards that are in the run, and those that no node was assigned.
  [[nodiscard]] std::uint64_t total() const;
  [[nodiscard]] std::uint64_t untaken() const;
  void end_dataset() { ended_ = true; }

  [[nodiscard]] bool dataset_ended() const { return ended_; }
  [[nodiscard]] std::uint64_t unresolved() const { return total() - resolved_; }
  [[nodiscard]] bool finished() const { return ended_ && unresolved() == 0; }
  [[nodiscard]] std::uint64_t held(NodeId node) const;
  [[nodiscard]] bool holds(NodeId node, JobAttempt name) const;
  /// How many runs it takes to say what all nodes hold.
  [[nodiscard]] std::size_t runs_in_flight() const;

  /// Moves up to `count` jobs from the shard's pool to the node; see Pool::take().
  [[nodiscard]] JobRuns assign(NodeId node, std::uint32_t shard, std::uint64_t count, CostLimits const& limits = {});

  /// Which jobs may be assigned; all, if it is empty.
  using Fits = std::function<bool(JobId)>;
  /// Of what the node was just assigned, what does not fit goes to others; returns what is left.
  [[nodiscard]] JobRuns put_aside(NodeId node, JobRuns const& runs, Fits const& fits);

  enum class Fallback { wait_for_another_node, take_it_again };
  struct Reassigned {
    JobRuns runs;
    Reason reason;
  };
  /// Moves one run of waiting jobs to the node, at most `count` of them. What failed on this very node is left to
  /// others, if there are any to wait for.
  [[nodiscard]] Reassigned reassign(NodeId node, std::uint64_t count, Fallback fallback, Fits const& fits = {});
  [[nodiscard]] bool has_waiting() const { return !waiting_.empty(); }

  /// Gives another node a copy of an attempt. Expects that it is held and may be copied.
  [[nodiscard]] JobAttempt copy(Holder const& holder, NodeId to);
  /// A job is copied once, and not if it has failed or its node was lost: a copy is for the slow, not for the sick.
  [[nodiscard]] bool may_copy(JobId job) const { return !copies_.contains(job) && !troubles_.contains(job); }

  /// The node has solved the job. False if it does not hold this attempt: too late, or a second time.
  [[nodiscard]] bool settle(NodeId node, JobAttempt name);
  /// Takes from its holder the attempt that is left of a job that is settled or to be given up, if there was a copy.
  [[nodiscard]] std::optional<Holder> take_rival(JobId job);

  /// What has befallen a job by now.
  struct Troubles {
    std::uint32_t failures{};
    std::uint32_t losses{};  ///< nodes that were lost while they ran it
    enum class Rival { none, at_work } rival{};
  };
  /// The node has failed at the job; none if it does not hold this attempt. Must be followed by give_up() or, if no
  /// rival is at work, by retry().
  [[nodiscard]] std::optional<Troubles> fail(NodeId node, JobAttempt name);
  /// The node was lost while it ran the job; to be followed like fail().
  [[nodiscard]] std::optional<Troubles> lose_running(NodeId node, JobAttempt name);
  void give_up(JobAttempt name);
  void retry(JobAttempt name, std::optional<NodeId> failed_on);

  /// The node has not started these and gives them back. Returns those that it held, the others are passed over.
  [[nodiscard]] JobRuns release(NodeId node, JobRuns const& runs);
  /// All that the node holds, and its lane, goes to others; it is held against no job.
  void lose(NodeId node);

 private:
  struct Waiting {
    JobRun run;
    std::optional<NodeId> failed_on;
    Reason reason;
  };
  /// Of a job that has had a copy.
  struct Copies {
    std::deque<Holder> at_work;  // one or two
    Attempt last;                // that was given out
  };

  [[nodiscard]] bool remove(NodeId node, JobAttempt name);
  void wait(JobRun run, Reason reason, std::optional<NodeId> failed_on = {});
  /// Takes a part of a waiting run out of it.
  void cut_out(std::deque<Waiting>::iterator const& from, JobRun const& run);
  /// The node is no longer at work on the attempt; whether another one is, on the same job.
  Troubles::Rival leave_to_rival(NodeId node, JobAttempt name);
  [[nodiscard]] Attempt next_attempt(JobAttempt name);

  std::vector<Pool> pools_;  // by shard
  bool ended_{false};
  std::uint64_t resolved_{0};
  std::map<NodeId, Holdings> holdings_;
  std::deque<Waiting> waiting_;
  std::unordered_map<JobId, Troubles> troubles_;  // of unresolved jobs that had any; rival is not kept
  std::unordered_map<JobId, Copies> copies_;      // of unresolved jobs
};

}  // namespace ballast
