// Faults: the damage that a simulated run has to live with.
#pragma once

#include <string_view>
#include <vector>

#include "ballast/core/clock.hpp"
#include "ballast/core/id.hpp"

namespace ballast {

struct Faults {
  /// The node is silent from then on.
  struct Loss {
    NodeId node;
    Duration at{};  ///< since the run began
  };

  std::vector<Loss> lost;
  double failing{0};  ///< the share of attempts that fail, drawn for each
};

/// `lost:NODE@TIME` and `failing:P`, separated by commas; nodes count from 1. Throws UsageError.
[[nodiscard]] Faults parse_faults(std::string_view text);

}  // namespace ballast
