// Leases: which nodes have been silent for too long while somebody listened.
#pragma once

#include <map>
#include <optional>
#include <vector>

#include "ballast/core/clock.hpp"
#include "ballast/core/id.hpp"

namespace ballast {

/// Pure. Time counts only while the Main Node was polling: a long pause between two calls of lapsed() is its own
/// silence, not the nodes'. Times do not decrease.
class Leases {
 public:
  /// A lease of zero never ends.
  explicit Leases(Duration lease) : lease_{lease} {}

  /// The node has given a sign of life; its first one begins its lease.
  void heard(NodeId node, Time now);
  /// An exempt node may be silent. When that ends, its lease begins again.
  void exempt(NodeId node, bool may_be_silent);
  /// True if the node had a lease.
  bool forget(NodeId node);
  /// To be called after each poll, when all that had arrived is taken in. The nodes whose lease has ended, in order;
  /// each is forgotten. Looks only every eighth of a lease.
  [[nodiscard]] std::vector<NodeId> lapsed(Time now);

 private:
  struct Silence {
    Duration since{};  ///< on the attentive clock
    bool exempt{false};
  };
  /// The attentive clock, if a poll were to end now.
  [[nodiscard]] Duration attentive(Time now) const;

  Duration lease_;
  std::optional<Time> last_poll_;
  Duration polled_{};  // the attentive clock at the last poll
  Duration next_look_{};
  std::map<NodeId, Silence> nodes_;
};

}  // namespace ballast
