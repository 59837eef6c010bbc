// Given times: two times that users know together or not at all.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "schedule/policies/chunk_size.hpp"

namespace ballast {

struct GivenTimes {
  double first{};   ///< s
  double second{};  ///< s

  /// Throws UsageError if one is given without the other.
  [[nodiscard]] static std::optional<GivenTimes> take(Parameters& parameters, std::string_view first_key,
                                                      std::string_view second_key) {
    auto const first = parameters.duration(first_key);
    auto const second = parameters.duration(second_key);
    if (first.has_value() != second.has_value())
      parameters.refuse(first ? first_key : second_key,
                        "it needs " + std::string{first ? second_key : first_key} + "=TIME, too");
    if (!first) return {};
    return GivenTimes{seconds(*first), seconds(*second)};
  }

  /// `mean` and `sigma` of the jobs' times. Throws UsageError for a mean of zero, too.
  [[nodiscard]] static std::optional<GivenTimes> take_mean_and_sigma(Parameters& parameters) {
    auto const times = take(parameters, "mean", "sigma");
    if (times && times->first == 0) parameters.refuse("mean", "no job takes no time");
    return times;
  }
};

}  // namespace ballast
