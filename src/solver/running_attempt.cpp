// A job on its way in, its news on the way out.
#include "solver/running_attempt.hpp"

#include <csignal>
#include <utility>

namespace ballast {
namespace {

constexpr int messages_per_call = 4;  // of up to a megabyte

}  // namespace

RunningAttempt::RunningAttempt(Job&& job, Time started, Channel& channel)
    : header_{job.name, job.payload.size()},
      digest_{job.digest},
      payload_{std::move(job.payload)},
      started_{started},
      channel_{&channel} {}

void RunningAttempt::feed() {
  auto const total = sizeof header_ + header_.size;
  if (handed_over_ == total) return;
  auto const before = handed_over_;
  if (handed_over_ < sizeof header_) handed_over_ += channel_->jobs.write(bytes_of(header_).substr(handed_over_));
  if (handed_over_ >= sizeof header_) {
    handed_over_ += channel_->jobs.write(std::string_view{payload_}.substr(handed_over_ - sizeof header_));
  }
  if (handed_over_ == total) payload_ = {};
  if (handed_over_ > before) channel_->solver.ring();
}

RunningAttempt::Progress RunningAttempt::collect(std::vector<News>& news) {
  if (channel_->news.empty()) return Progress::waiting;
  auto progress = Progress::more;
  for (int messages = 0; messages < messages_per_call && progress == Progress::more; ++messages) {
    auto message = reader_.next(channel_->news);
    if (!message) {
      progress = Progress::waiting;
    } else {
      if (message->header.kind != NewsKind::piece) progress = Progress::finished;
      if (!unwanted()) news.push_back(news_of(std::move(*message)));
    }
  }
  channel_->solver.ring();  // there is room for more news
  return progress;
}

void RunningAttempt::stop(StopReason reason, Time until) {
  stop_reason_ = std::move(reason);
  stop_until_ = until;
}

std::optional<Failed> RunningAttempt::killed(Time now) const {
  auto const* const over = stop_reason_ ? std::get_if<TimeOver>(&*stop_reason_) : nullptr;
  if (over == nullptr) return {};
  return fail(FailureKind::timed_out, over->reason, now);
}

std::optional<Failed> RunningAttempt::fail(FailureKind kind, std::string reason, Time now) const {
  if (unwanted()) return {};
  return Failed{header_.name, now - started_, {kind, std::move(reason), {}}};
}

News RunningAttempt::news_of(NewsMessage&& message) const {
  if (message.header.kind == NewsKind::piece) return Piece{header_.name, std::move(message.bytes)};
  if (message.header.kind != NewsKind::solved) return failed(std::move(message));
  std::optional<Account> account;
  if (message.header.accounts != 0) account = message.header.account;
  return Solved{
      header_.name, digest_, Duration{message.header.runtime}, std::move(message.bytes), std::move(message.diagnostics),
      account};
}

Failed RunningAttempt::failed(NewsMessage&& message) const {
  Failed failed{header_.name,
                Duration{message.header.runtime},
                {message.header.failure, std::move(message.reason), std::move(message.diagnostics)}};
  if (message.header.accounts != 0) failed.account = message.header.account;
  if (message.header.kind == NewsKind::failed_with_remains) failed.remains = std::move(message.bytes);
  auto const* const over = stop_reason_ ? std::get_if<TimeOver>(&*stop_reason_) : nullptr;
  if (over == nullptr) return failed;
  failed.failure.kind = FailureKind::timed_out;
  failed.failure.reason = over->reason;
  if (failed.account) {
    failed.account->exit_value = -1;
    failed.account->signal = SIGTERM;
  }
  return failed;
}

}  // namespace ballast
