// Dispatcher: decides which node gets which jobs. The engine, the simulator and the tests drive this same object.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>

#include "ballast/schedule/policy.hpp"
#include "ballast/schedule/rules.hpp"
#include "schedule/event.hpp"
#include "schedule/ledger.hpp"
#include "schedule/roster.hpp"
#include "schedule/step.hpp"

namespace ballast {

/// A pure state machine: the same events at the same times make the same steps. Nodes join before the first JobsFound;
/// one that joins later shares what is common.
class Dispatcher {
 public:
  Dispatcher(std::unique_ptr<Policy> policy, Rules rules);

  /// Takes in what happened at `now`; returns what is true from now on and what is to be done. Times do not decrease.
  [[nodiscard]] Step on(Event const& event, Time now);

  /// Whether no job is assigned before DatasetEnded.
  [[nodiscard]] bool needs_total() const { return policy_->traits().total == PolicyTraits::Total::needed; }
  /// When TimePassed is due, if nothing happens before.
  [[nodiscard]] std::optional<Time> alarm() const { return {}; }
  /// How long the node's solvers will be busy with what it may hold, from its recent jobs; zero if it is not known.
  [[nodiscard]] Duration lead(NodeId node) const;
  [[nodiscard]] Ledger const& ledger() const { return ledger_; }

 private:
  void take(NodeJoined const& event, Step& step);
  void take(NodeLost const& event, Step& step);
  void take(JobsFound const& event, Step& step);
  void take(DatasetEnded const& event, Step& step);
  void take(SolutionArrived const& event, Step& step);
  void take(FailureArrived const& event, Step& step);
  void take(CostsExpected const&, Step&) {}
  void take(AttemptStarted const&, Step&) {}
  void take(JobsReleased const&, Step&) {}
  void take(MessageCostMeasured const&, Step&) {}
  void take(TimePassed const&, Step&) {}

  /// Lets jobs be assigned as soon as there are any (or all, if the policy must know N).
  void open();
  void fill_all(Step& step);
  void fill(Node& node, Step& step);
  bool give_chunk(Node& node, Step& step);
  [[nodiscard]] JobRuns next_chunk(Node const& node, std::uint64_t room);
  /// Lets nodes go that have had their share.
  void dismiss_done(Step& step);
  void conclude(Step& step, Time now);

  [[nodiscard]] PoolView pool_view() const;
  /// How many jobs the node may hold beyond those that it computes.
  [[nodiscard]] std::uint64_t depth(Node const& node) const;

  std::unique_ptr<Policy> policy_;
  Rules rules_;
  Ledger ledger_;
  Roster roster_;
  std::optional<Time> begun_;  // the first event
  bool open_{false};
  bool concluded_{false};
};

}  // namespace ballast
