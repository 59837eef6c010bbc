// Dispatcher: decides which node gets which jobs. The engine, the simulator and the tests drive this same object.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <set>
#include <string_view>
#include <utility>
#include <vector>

#include "ballast/schedule/policy.hpp"
#include "ballast/schedule/rules.hpp"
#include "schedule/balance.hpp"
#include "schedule/event.hpp"
#include "schedule/ledger.hpp"
#include "schedule/roster.hpp"
#include "schedule/round_trip.hpp"
#include "schedule/step.hpp"

namespace ballast {

/// A pure state machine: the same events at the same times make the same steps. Nodes join before the first JobsFound;
/// one that joins later shares what is common.
class Dispatcher {
 public:
  /// `policy` as make_policy() takes it, and with what it throws; each shard has one of its own, among its owners.
  Dispatcher(std::string_view policy, Rules rules);

  /// Takes in what happened at `now`; returns what is true from now on and what is to be done. Times do not decrease.
  [[nodiscard]] Step on(Event const& event, Time now);

  /// Whether no job is assigned before DatasetEnded.
  [[nodiscard]] bool needs_total() const;
  /// When TimePassed is due, if nothing happens before.
  [[nodiscard]] std::optional<Time> alarm() const { return alarm_; }
  /// How long the node's solvers will be busy with what it may hold, from its recent jobs; zero if it is not known.
  [[nodiscard]] Duration lead(NodeId node) const;
  [[nodiscard]] Ledger const& ledger() const { return ledger_; }

 private:
  void take(NodeJoined const& event);
  void take(NodeLost const& event);
  void take(NodeLeft const& event);
  void take(CostsExpected const& event);
  void take(JobsResolved const& event);
  void take(JobsFound const& event);
  void take(DatasetEnded const& event);
  void take(AttemptStarted const& event);
  void take(SolutionArrived const& event);
  void take(FailureArrived const& event);
  void take(JobsReleased const& event);
  void take(MessageCostMeasured const& event);
  void take(AssignmentPaused const& event);
  void take(AssignmentResumed const& event);
  void take(DrainBegan const& event);
  void take(TimePassed const&);

  /// Lets jobs be assigned as soon as there are any (or all, if the policy must know N).
  void open();
  /// Gives jobs to all that have room, in turn.
  void fill_hungry();
  void fill(Node& node);
  [[nodiscard]] bool has_work() const { return ledger_.has_waiting() || ledger_.untaken() > 0; }
  /// Puts the node among the hungry, if it is one of them by now.
  void note_hunger(Node& node);
  void forget_hunger(Node& node);
  bool give_chunk(Node& node);
  /// Whether the last start is so short ago that there must not be another.
  [[nodiscard]] bool is_early() const { return rules_.delay && now_ < next_start_; }
  [[nodiscard]] bool has_room(Node const& node) const;
  [[nodiscard]] Ledger::Reassigned next_chunk(Node const& node);
  [[nodiscard]] Ledger::Reassigned next_chunk(Node const& node, std::uint32_t shard);
  /// Of the jobs that wait for another try or another node.
  [[nodiscard]] Ledger::Reassigned next_waiting(Node const& node);
  /// The part of a chunk that ends in time.
  [[nodiscard]] JobRuns from_pool(Node const& node, std::uint32_t shard, std::uint64_t chunk);
  void deal_to(NodeId node, std::uint32_t shard);
  void end_attempt(Node& node, JobAttempt name, Duration runtime);
  void give_up(NodeId node, JobAttempt name, Ledger::Troubles const& troubles);
  /// The copy that has lost its race.
  void cancel(Holder const& rival);
  /// Lets nodes go that have had their share.
  void dismiss_done();
  void leave(NodeId node);

  /// Those of the node, the one with the most jobs left for each of its owners first.
  [[nodiscard]] std::vector<std::uint32_t> shards_by_need(Node const& node) const;
  [[nodiscard]] bool owns(Node const& node, JobId job) const { return node.owns(shard_of(job, rules_.shards)); }
  /// Whether no other node could take this job.
  [[nodiscard]] bool is_only_owner(Node const& node, JobId job) const;
  [[nodiscard]] bool has_orphans() const;

  /// When nodes are idle at the end: takes jobs back, or copies them; sets the alarm for the next look.
  void balance();
  [[nodiscard]] bool may_balance() const;
  [[nodiscard]] std::vector<IdleNode> idle_nodes() const;
  /// Until one of the node's solvers may be free.
  [[nodiscard]] Duration wait_on(Node const& node) const;
  bool relieve(std::vector<IdleNode> const& idle);
  bool recall_for(std::vector<IdleNode> const& idle);
  bool copy_for(std::vector<IdleNode> const& idle);
  /// What all of the idle nodes could take.
  [[nodiscard]] std::vector<LadenNode> laden_nodes(std::vector<IdleNode> const& idle) const;
  [[nodiscard]] std::vector<Straggler> stragglers(std::vector<IdleNode> const& idle) const;
  /// Of a job that is expected to end on the node before the run does.
  [[nodiscard]] double most_cost(Node const& node) const;
  /// Which jobs end there in time; empty if any does. To be used at once.
  [[nodiscard]] Ledger::Fits in_time(Node const& node) const;
  [[nodiscard]] bool holds_nothing() const;
  /// Whether the run ends early: nothing is held, and nothing may be assigned any more.
  [[nodiscard]] bool is_drained();
  void conclude();

  [[nodiscard]] bool is_ordered() const;
  [[nodiscard]] std::optional<double> cost_of(JobId job) const;
  [[nodiscard]] double cost_of(JobRuns const& runs) const;
  /// The costliest job that the node may take ends there before all work could be done; a chunk costs what an average
  /// one does.
  [[nodiscard]] CostLimits limits(Node const& node, std::uint64_t chunk) const;
  [[nodiscard]] PoolView pool_view(std::uint32_t shard) const;
  [[nodiscard]] NodeView view(Node const& node, std::uint32_t shard) const;
  /// How many jobs the node may hold beyond those that it computes.
  [[nodiscard]] std::uint64_t depth(Node const& node) const;

  /// Those who can take a shard's jobs.
  struct Owners {
    std::uint32_t nodes{0};
    std::uint32_t solvers{0};
  };

  Rules rules_;
  std::vector<std::unique_ptr<Policy>> policies_;  // by shard
  std::vector<Owners> owners_;                     // by shard
  PolicyTraits traits_;
  Ledger ledger_;
  Roster roster_;
  std::set<NodeId> returning_;                  // begin anew
  std::vector<double> costs_;                   // by job, in those of an average one; empty if nothing is known
  std::set<std::pair<double, NodeId>> hungry_;  // with room when there was nothing for them, the least laden first
  Duration message_cost_{};
  RoundTrip round_trip_;
  std::optional<Time> begun_;  // the first event
  Time now_{};
  Time next_start_{};  // with a delay between starts
  Time next_look_{};
  Duration pause_{};  // before the next look at the balance
  std::optional<Time> alarm_;
  Step step_;  // that is being made
  enum class Assignment { open, paused, closed } assignment_{Assignment::open};
  bool open_{false};
  bool concluded_{false};
};

}  // namespace ballast
