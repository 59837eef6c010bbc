// Round trip: how long it takes from an assignment to the news of its start, when nothing holds it up but the way.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>

#include "ballast/core/clock.hpp"

namespace ballast {

/// The shortest of the latest: one that was held up does not count, but a Main Node that is busy all the time does.
class RoundTrip {
 public:
  void count(Duration sample) { latest_[counted_++ % latest_.size()] = sample; }

  /// Zero before the first sample.
  [[nodiscard]] Duration shortest() const {
    auto const known = std::min(counted_, latest_.size());
    return known == 0 ? Duration{0} : *std::min_element(latest_.begin(), latest_.begin() + known);
  }

 private:
  std::array<Duration, 8> latest_{};
  std::size_t counted_{0};
};

}  // namespace ballast
