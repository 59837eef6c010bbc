// Wire: one end of the connection between the Main Node and the computing nodes; it carries frames and knows no
// message.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "ballast/core/id.hpp"

namespace ballast {

/// The Main Node as a peer of the computing nodes.
inline constexpr NodeId main_node{0};

struct Received {
  NodeId from;
  std::string frame;
};

/// Nothing here blocks. Frames between two peers arrive whole, once, and in order. At most one frame per peer is on its
/// way: that bounds what a slow peer can make us hold.
class Wire {
 public:
  virtual ~Wire() = default;
  /// Whether a frame to this peer may be sent now.
  [[nodiscard]] virtual bool clear(NodeId to) = 0;
  /// Expects clear(to).
  virtual void send(NodeId to, std::string frame) = 0;
  /// What is on its way to or from this peer is given up: it may be dead. Frames that it sends later arrive.
  virtual void abandon(NodeId peer) = 0;
  /// The next frame that has arrived from any peer.
  [[nodiscard]] virtual std::optional<Received> receive() = 0;
};

/// Two ends in one process, for one rank and for tests: the Main Node's, and that of the computing node `node`.
[[nodiscard]] std::pair<std::unique_ptr<Wire>, std::unique_ptr<Wire>> make_wire_in_process(NodeId node);

}  // namespace ballast
