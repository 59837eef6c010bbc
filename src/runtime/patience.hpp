// Patience: how long to sleep before the next look at the wire.
#pragma once

#include <algorithm>

#include "ballast/core/clock.hpp"

namespace ballast {

/// Whether a rank may look without sleeping for a while: only if nobody else needs its core.
enum class Spin { never, briefly };

/// The longer nothing came, the longer the sleep: a quarter of the silence, at most a millisecond. Jobs held ahead hide it.
class Patience {
 public:
  explicit Patience(Spin spin) : spin_{spin} {}

  void arrived(Time now) { last_ = now; }

  [[nodiscard]] Duration nap(Time now) const {
    auto const silence = now - last_;
    if (spin_ == Spin::briefly && silence < spinning) return Duration{0};
    return std::clamp<Duration>(silence / 4, shortest, longest);
  }

 private:
  static constexpr Duration spinning = std::chrono::microseconds{50};
  static constexpr Duration shortest = std::chrono::microseconds{50};
  static constexpr Duration longest = std::chrono::milliseconds{1};

  Spin spin_;
  Time last_{};
};

}  // namespace ballast
