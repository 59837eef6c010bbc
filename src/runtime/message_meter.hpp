// Message meter: what one message costs the Main Node, from the time it is busy.
#pragma once

#include <cstdint>
#include <optional>

#include "ballast/core/clock.hpp"

namespace ballast {

class MessageMeter {
 public:
  /// So many messages were sent or received while the Main Node was busy for so long.
  void count(Duration busy, std::uint64_t messages);
  /// The cost of a message, smoothed, if it is time to tell it and it is not what was told before.
  [[nodiscard]] std::optional<Duration> news(Time now);

 private:
  Duration busy_{};
  std::uint64_t messages_{0};
  std::optional<Time> looked_;
  std::optional<Duration> cost_;
  std::optional<Duration> told_;
};

}  // namespace ballast
