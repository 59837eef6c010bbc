// A job on its way in, its news on the way out.
#include "solver/running_attempt.hpp"

#include <utility>

#include "ballast/core/contract.hpp"

namespace ballast {
namespace {

constexpr int messages_per_call = 4;  // of up to a megabyte

}  // namespace

RunningAttempt::RunningAttempt(Job&& job, Time started, Channel& channel)
    : name_{job.name}, digest_{job.digest}, started_{started}, channel_{&channel}, payload_{std::move(job.payload)} {
  JobHeader const header{name_, payload_.size()};
  BALLAST_EXPECT(channel.jobs.write(bytes_of(header)) == sizeof header);
  feed();
  channel.solver.ring();
}

void RunningAttempt::feed() {
  if (payload_.empty()) return;
  auto const size = channel_->jobs.write(std::string_view{payload_}.substr(handed_over_));
  if (size == 0) return;
  handed_over_ += size;
  if (handed_over_ == payload_.size()) payload_ = {};
  channel_->solver.ring();
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
      news.push_back(news_of(std::move(*message)));
    }
  }
  channel_->solver.ring();  // there is room for more news
  return progress;
}

Failed RunningAttempt::fail(FailureKind kind, std::string reason, Time now) const {
  return {name_, now - started_, {kind, std::move(reason), {}}};
}

News RunningAttempt::news_of(NewsMessage&& message) const {
  Duration const runtime{message.header.runtime};
  if (message.header.kind == NewsKind::piece) return Piece{name_, std::move(message.bytes)};
  if (message.header.kind == NewsKind::solved) {
    return Solved{name_, digest_, runtime, std::move(message.bytes), std::move(message.diagnostics)};
  }
  return Failed{name_, runtime, {message.header.failure, std::move(message.reason), std::move(message.diagnostics)}};
}

}  // namespace ballast
