// Exchange: the Main Node's side of the conversation: an outbox per computing node, one wire for all.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
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

  void tell(NodeId node, Message message) { peers_.at(node).outbox.add(std::move(message)); }
  void tell_all(Message const& message);
  /// Sends these parts of the run's state, piece by piece.
  void supply(NodeId node, std::uint32_t part, std::shared_ptr<Payload const> bytes) {
    peers_.at(node).outbox.supply(part, std::move(bytes));
  }
  /// Whether the node has taken a piece of the state since this was asked last: it is not dead, though it says nothing.
  [[nodiscard]] bool supplied(NodeId node) { return std::exchange(peers_.at(node).supplied, false); }
  void assign(NodeId node, JobRuns const& runs) { peers_.at(node).outbox.assign(runs); }
  /// Asks for the last `count` jobs of the node that it has not started: those not sent yet are taken back here, the
  /// others it is asked for. One release() tells of both, when the node has answered; never within this call.
  void recall(NodeId node, std::uint64_t count);
  /// The attempt is not needed: it is forgotten here, or the node is told.
  void cancel(NodeId node, JobAttempt name);
  /// Nothing but messages will be sent from now on, to this node or to any.
  void forget_jobs(NodeId node) { peers_.at(node).outbox.clear_jobs(); }
  void forget_jobs();

  /// The node is taken for lost: what is on its way to or from it is given up, and it is told nothing any more.
  void lose(NodeId node);
  /// Nodes that were lost and have said something since.
  [[nodiscard]] std::vector<NodeId> returned() { return std::exchange(returned_, {}); }
  /// Begins anew with a node that has returned, or that is to have another part of the state. What it says before it
  /// answers is of its former life, and is dropped.
  void readmit(NodeId node, Begin begin);
  /// Tells those that are here, or beginning anew, that the run is over; from now on they are all here.
  void end(End const& message);
  [[nodiscard]] std::vector<NodeId> present() const;
  /// Lets those to whom nothing was sent for so long know that the Main Node lives.
  void keep_alive(Duration every, Time now);

  struct Arrival {
    NodeId from;
    Message message;
  };
  /// The next message of this run from a node that takes part; what a Released holds comes from release(). Throws
  /// EngineError for garbage.
  [[nodiscard]] std::optional<Arrival> receive();

  struct Release {
    NodeId from;
    JobRuns runs;  ///< in the order of their assignment; possibly none
  };
  /// The answer to a recall(), if one is complete.
  [[nodiscard]] std::optional<Release> release();
  /// Hands the wire what it can take now; true if anything was sent.
  bool send(Outbox::NextJob next, Outbox::Load const& load, Time now);
  /// Frames sent and received, and their bytes.
  [[nodiscard]] std::uint64_t messages() const { return messages_; }
  [[nodiscard]] std::uint64_t bytes_sent() const { return bytes_sent_; }
  [[nodiscard]] std::uint64_t bytes_received() const { return bytes_received_; }

 private:
  enum class Presence { here, lost, returning };
  struct Peer {
    Outbox outbox;
    Presence presence{Presence::here};
    Time last_sent{};
    bool supplied{false};
    std::uint32_t call{0};           ///< of the latest Begin
    std::deque<JobRuns> recalled{};  ///< what was taken back here, by recall that the node has to answer
  };

  void take(Peer& peer, NodeId from, Released const& released);
  /// Whether this is news of a node that takes part.
  [[nodiscard]] bool admits(Peer& peer, NodeId from, Message const& message);

  Wire& wire_;
  RunId run_;
  std::map<NodeId, Peer> peers_;
  std::vector<NodeId> returned_;
  std::deque<Release> releases_;
  std::uint64_t messages_{0};
  std::uint64_t bytes_sent_{0};
  std::uint64_t bytes_received_{0};
};

}  // namespace ballast
