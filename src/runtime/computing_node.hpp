// Computing node: a rank's conversation with the Main Node, from one run's Begin to its End.
#pragma once

#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "ballast/core/error.hpp"
#include "ballast/problem/problem.hpp"
#include "ballast/runtime/options.hpp"
#include "runtime/agent.hpp"
#include "runtime/main_node_watch.hpp"
#include "runtime/state_store.hpp"
#include "transport/protocol.hpp"
#include "transport/wire.hpp"

namespace ballast {

/// Where and how this node solves.
struct NodeSetting {
  NodeId self;
  std::uint32_t ranks{1};
  std::vector<std::string> arguments;      ///< of this rank's command line
  std::optional<std::string> objection{};  ///< why this rank cannot take part
};

class ComputingNode {
 public:
  /// `problem` is borrowed; nullptr if there is an objection.
  /// `kept` holds what this node has of earlier runs' states, and is left with this run's.
  ComputingNode(Wire& wire, NodeSetting setting, Problem* problem, RunOptions options, StateStore& kept);

  /// Does what can be done without waiting; true if anything happened. Throws EngineError for garbage on the wire, and
  /// for pieces of a state that do not fit.
  bool step(Time now);
  void rest(Duration at_most);
  /// How long it may sleep while it has work: its solvers wake it, and the next jobs must be here when this one ends.
  /// None while it waits for jobs.
  [[nodiscard]] std::optional<Duration> rest_at_work(Time now) const;
  /// The run's outcome, once it is over and nothing of it is left here.
  [[nodiscard]] std::optional<ExitCode> outcome() const { return outcome_; }
  /// The Main Node has died without a word: there will be no outcome. With solvers inside the rank it is noticed
  /// between two jobs only.
  [[nodiscard]] bool orphaned() const { return orphaned_; }

 private:
  void on(Begin const& begin);
  void on(StatePiece const& piece);
  void on(Jobs&& jobs);
  void on(Recall const& recall);
  void on(Cancel const& cancel);
  void on(Limit const& limit);
  void on(Alive const& alive);
  void on(Dismiss const& dismiss);
  void on(End const& end);
  template <class Unexpected>
  void on(Unexpected const&);

  /// Whether this node may take part, and what it still has to be sent for that; or why not.
  [[nodiscard]] Message look_at(Begin const& begin);
  [[nodiscard]] Message begin_work();
  [[nodiscard]] Refused unable(std::exception const& error) const;
  [[nodiscard]] std::uint32_t solver_count() const;
  bool listen(Time now);
  bool send_next(Time now);
  [[nodiscard]] std::optional<Message> next_message(Time now);

  Wire& wire_;
  NodeSetting setting_;
  Problem* problem_;
  RunOptions options_;
  StateStore& kept_;
  RunId run_;
  std::uint32_t call_{0};
  std::string directory_;              // where the solvers work
  std::optional<StateIntake> intake_;  // from Begin on
  std::unique_ptr<Agent> agent_;       // while at work
  std::deque<Message> answers_;
  std::optional<MainNodeWatch> main_node_watch_;  // since Begin
  std::optional<Duration> sign_of_life_;          // due when nothing was sent for so long
  Time last_sent_{};
  bool orphaned_{false};
  std::optional<ExitCode> ending_;
  std::optional<ExitCode> outcome_;
};

}  // namespace ballast
