// Clock: where time comes from. Decisions are handed a Time; only the rim reads a clock.
#pragma once

#include <chrono>

namespace ballast {

using Duration = std::chrono::nanoseconds;

/// The monotonic time of one process: real (CLOCK_MONOTONIC), or virtual in tests and simulations.
struct Clock {
  using duration = Duration;
  using rep = duration::rep;
  using period = duration::period;
  using time_point = std::chrono::time_point<Clock>;
  static constexpr bool is_steady = true;

  [[nodiscard]] static time_point now() { return time_point{std::chrono::steady_clock::now().time_since_epoch()}; }
};

using Time = Clock::time_point;

}  // namespace ballast
