// What can be predicted (jobs that are known) is told apart from what cannot (a stream that goes on).
#include "monitor/progress.hpp"

#include <fmt/format.h>
#include <chrono>

namespace ballast {
namespace {

constexpr Duration between_bars = std::chrono::milliseconds{200};
constexpr Duration between_lines = std::chrono::seconds{10};
constexpr std::uint64_t bar_width = 30;

std::string duration_text(Duration duration) {
  auto const seconds = std::chrono::duration_cast<std::chrono::seconds>(duration).count();
  if (seconds < 60) return fmt::format("{} s", seconds);
  if (seconds < 3600) return fmt::format("{}:{:02} min", seconds / 60, seconds % 60);
  return fmt::format("{}:{:02} h", seconds / 3600, seconds / 60 % 60);
}

}  // namespace

void Progress::observe(Event const& event, Step const& step, Time now) {
  if (!begun_) begun_ = now;
  if (auto const* const jobs = std::get_if<JobsFound>(&event)) found_ = jobs->count;
  if (std::holds_alternative<DatasetEnded>(event)) dataset_ended_ = true;
  if (auto const* const resolved = std::get_if<JobsResolved>(&event))
    for (auto const& span : resolved->spans) earlier_ += span.count;
  count(step);
}

void Progress::count(Step const& step) {
  for (auto const& fact : step.facts) {
    if (std::holds_alternative<SolutionAccepted>(fact)) ++solved_;
    if (std::holds_alternative<JobGivenUp>(fact)) ++given_up_;
    if (std::holds_alternative<RetryPlanned>(fact)) ++retries_;
  }
}

void Progress::tick(Time now) {
  if (look_ == ProgressLook::none || !begun_) return;
  auto const pause = look_ == ProgressLook::bar ? between_bars : between_lines;
  if (now - shown_.value_or(*begun_) < pause) return;
  shown_ = now;
  if (look_ == ProgressLook::bar)
    console_.show_bar(sentence(now));
  else
    console_.say(sentence(now));
}

std::string Progress::sentence(Time now) const {
  auto const now_done = solved_ + given_up_;
  auto const done = earlier_ + now_done;
  auto const elapsed = now - *begun_;
  std::string text;
  if (!dataset_ended_ || found_ == 0) {
    text = fmt::format("{} jobs solved of {} so far, {}", earlier_ + solved_, found_, duration_text(elapsed));
  } else {
    auto const filled = done * bar_width / found_;
    if (look_ == ProgressLook::bar) text = fmt::format("[{:=<{}}{:{}}] ", "", filled, "", bar_width - filled);
    text += fmt::format("{}/{} jobs ({} %), {}", done, found_, done * 100 / found_, duration_text(elapsed));
    if (now_done > 0 && done < found_) {
      auto const left = Duration{static_cast<Duration::rep>(
          static_cast<double>(elapsed.count()) / static_cast<double>(now_done) * static_cast<double>(found_ - done))};
      text += fmt::format(", about {} left", duration_text(left));
    }
  }
  if (retries_ > 0) text += fmt::format(", {} retried", retries_);
  if (given_up_ > 0) text += fmt::format(", {} given up", given_up_);
  return text;
}

}  // namespace ballast
