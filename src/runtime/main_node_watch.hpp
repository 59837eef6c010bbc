// Main Node watch: whether the Main Node still lives, as far as one of its computing nodes can tell.
#pragma once

#include <optional>
#include <string_view>
#include <variant>

#include "ballast/core/clock.hpp"
#include "core/descriptor.hpp"
#include "transport/protocol.hpp"

namespace ballast {

/// On the Main Node's own host its process is watched; on another one its silence is measured. Silence counts only
/// while this node was there to hear: each call adds 100 ms at most, so a node that was stopped, or whose rank computes
/// (--solvers 0), does not take its own absence for the Main Node's.
class MainNodeWatch {
 public:
  /// `here` is the name of this node's host. A Begin without a process is not watched, one without a lease not for its
  /// silence.
  MainNodeWatch(Begin const& begin, std::string_view here);

  /// A frame has come from the Main Node.
  void heard() { silence_ = Duration{0}; }
  /// Whether the Main Node is gone for good; to be asked at every turn.
  [[nodiscard]] bool gone(Time now);

 private:
  struct Unseen {};  // on another host, or in a container of its own
  using Sight = std::variant<Unseen, Descriptor, pid_t>;

  [[nodiscard]] static Sight look_for(Begin const& begin, std::string_view here);
  [[nodiscard]] bool process_ended() const;

  Sight process_;
  Duration lease_;
  Duration silence_{};
  std::optional<Time> last_turn_;
  std::optional<Time> last_look_;
};

}  // namespace ballast
