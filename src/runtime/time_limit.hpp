// Time limit: how long an attempt may take, fixed or as a share of what jobs usually take.
#pragma once

#include <cstdint>
#include <optional>
#include <variant>
#include <vector>

#include "ballast/core/clock.hpp"
#include "ballast/runtime/options.hpp"

namespace ballast {

/// A share is of the median of the latest jobs, once three are solved; it is taken anew as their number grows.
class TimeLimit {
 public:
  explicit TimeLimit(std::optional<std::variant<Duration, Percent>> wanted);

  /// A fixed limit, known from the start.
  [[nodiscard]] std::optional<Duration> at_start() const;
  /// A job was solved in this time: the new limit, if it changes.
  [[nodiscard]] std::optional<Duration> solved(Duration runtime);

 private:
  static constexpr std::size_t most_samples = 1001;

  std::optional<Duration> fixed_;
  std::optional<Percent> share_;
  std::vector<Duration> samples_;  // a ring of the latest runtimes
  std::uint64_t count_{0};
  std::uint64_t next_count_{3};
};

}  // namespace ballast
