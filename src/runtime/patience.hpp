// Patience: how long to sleep before the next look at the wire.
#pragma once

#include <algorithm>

#include "ballast/core/clock.hpp"

namespace ballast {

/// Whether a rank may look without sleeping for a while: only if nobody else needs its core.
enum class Spin { never, briefly };

/// A wake-up costs 10–20 µs of a core, so a rank sleeps as long as nobody waits for it: half of its lead, the work that
/// others have ahead of them. Without a lead it sleeps longer the longer nothing has come.
class Patience {
 public:
  explicit Patience(Spin spin) : spin_{spin} {}

  void arrived(Time now) { last_ = now; }

  /// How long others can go on by themselves, as far as is known; smoothed over the latest eight.
  void lead(Duration lead) { lead_ += (lead - lead_) / 8; }

  [[nodiscard]] Duration nap(Time now) const {
    auto const silence = now - last_;
    if (spin_ == Spin::briefly && silence < spinning) return Duration{0};
    if (lead_ > Duration{0}) return std::clamp(lead_ / 2, shortest, longest);
    return std::clamp(silence / 4, shortest, longest_without_lead);
  }

 private:
  static constexpr Duration spinning = std::chrono::microseconds{50};
  static constexpr Duration shortest = std::chrono::microseconds{50};
  static constexpr Duration longest = std::chrono::milliseconds{5};
  static constexpr Duration longest_without_lead = std::chrono::milliseconds{1};

  Spin spin_;
  Time last_{};
  Duration lead_{};
};

}  // namespace ballast
