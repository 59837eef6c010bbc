// The median costs a pass over the samples, so it is taken at 3, 4, 5, 7 … solved jobs.
#include "runtime/time_limit.hpp"

#include <algorithm>

namespace ballast {

TimeLimit::TimeLimit(std::optional<std::variant<Duration, Percent>> wanted) {
  if (!wanted) return;
  if (auto const* const fixed = std::get_if<Duration>(&*wanted)) fixed_ = *fixed;
  if (auto const* const share = std::get_if<Percent>(&*wanted)) share_ = *share;
}

std::optional<Duration> TimeLimit::at_start() const { return fixed_; }

std::optional<Duration> TimeLimit::solved(Duration runtime) {
  if (!share_) return {};
  if (samples_.size() < most_samples)
    samples_.push_back(runtime);
  else
    samples_[count_ % most_samples] = runtime;
  if (++count_ < next_count_) return {};
  next_count_ = count_ + 1 + count_ / 4;
  auto sorted = samples_;
  auto const middle = sorted.begin() + static_cast<std::ptrdiff_t>(sorted.size() / 2);
  std::nth_element(sorted.begin(), middle, sorted.end());
  return Duration{static_cast<Duration::rep>(static_cast<double>(middle->count()) * share_->value / 100)};
}

}  // namespace ballast
