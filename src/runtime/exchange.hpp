// Exchange: the Main Node's side of the conversation: an outbox per computing node, one wire for all.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <utility>
#include <vector>

#include "runtime/outbox.hpp"
#include "transport/protocol.hpp"
#include "transport/wire.hpp"

namespace ballast {

class Exchange {
 public:
  /// `wire` is borrowed.
  Exchange(Wire& wire, RunId run, std::vector<NodeId> const& nodes);

  void tell(NodeId node, Message message) { outboxes_.at(node).add(std::move(message)); }
  void tell_all(Message const& message);
  void assign(NodeId node, JobRuns const& runs) { outboxes_.at(node).assign(runs); }
  /// Asks for the last `count` jobs of the node that it has not started: those not sent yet are taken back here, the
  /// others it is asked for. One release() tells of both, when the node has answered; never within this call.
  void recall(NodeId node, std::uint64_t count);
  /// The attempt is not needed: it is forgotten here, or the node is told.
  void cancel(NodeId node, JobAttempt name);
  /// Nothing but messages will be sent from now on, to this node or to any.
  void forget_jobs(NodeId node) { outboxes_.at(node).clear_jobs(); }
  void forget_jobs();

  struct Arrival {
    NodeId from;
    Message message;
  };
  /// The next message of this run, releases aside. Throws EngineError for garbage.
  [[nodiscard]] std::optional<Arrival> receive();

  struct Release {
    NodeId from;
    JobRuns runs;  ///< in the order of their assignment; possibly none
  };
  /// The answer to a recall(), if one is complete.
  [[nodiscard]] std::optional<Release> release();
  /// Hands the wire what it can take now; true if anything was sent.
  bool send(Outbox::NextJob next, Outbox::Load const& load);
  /// Frames sent and received.
  [[nodiscard]] std::uint64_t messages() const { return messages_; }

 private:
  void take(NodeId from, Released const& released);

  Wire& wire_;
  RunId run_;
  std::map<NodeId, Outbox> outboxes_;
  std::map<NodeId, std::deque<JobRuns>> recalled_;  // what was taken back here, by recall that a node has to answer
  std::deque<Release> releases_;
  std::uint64_t messages_{0};
};

}  // namespace ballast
