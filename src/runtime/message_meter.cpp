// Measured over what came since the last look, told seldom: a policy that reacts to noise is no policy.
#include "runtime/message_meter.hpp"

#include <chrono>
#include <utility>

namespace ballast {
namespace {

constexpr Duration between_looks = std::chrono::milliseconds{200};
constexpr std::uint64_t least_messages = 16;
constexpr int smoothing = 4;          // a look's share is a quarter
constexpr int share_that_counts = 5;  // a change by a fifth is news

}  // namespace

void MessageMeter::count(Duration busy, std::uint64_t messages) {
  busy_ += busy;
  messages_ += messages;
}

std::optional<Duration> MessageMeter::news(Time now) {
  if (messages_ < least_messages || (looked_ && now - *looked_ < between_looks)) return {};
  looked_ = now;
  auto const fresh =
      std::exchange(busy_, Duration{}) / static_cast<Duration::rep>(std::exchange(messages_, std::uint64_t{0}));
  cost_ = cost_ ? *cost_ + (fresh - *cost_) / smoothing : fresh;
  if (told_ && std::chrono::abs(*cost_ - *told_) <= *told_ / share_that_counts) return {};
  told_ = cost_;
  return told_;
}

}  // namespace ballast
