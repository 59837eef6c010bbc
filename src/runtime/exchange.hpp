// Exchange: the Main Node's side of the conversation: an outbox per computing node, one wire for all.
#pragma once

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
  /// Nothing but messages will be sent from now on.
  void forget_jobs();

  struct Arrival {
    NodeId from;
    Message message;
  };
  /// The next message of this run. Throws EngineError for garbage.
  [[nodiscard]] std::optional<Arrival> receive();
  /// Hands the wire what it can take now; true if anything was sent.
  bool send(Outbox::NextJob next, Outbox::Load const& load);

 private:
  Wire& wire_;
  RunId run_;
  std::map<NodeId, Outbox> outboxes_;
};

}  // namespace ballast
