// Frames are filled up to their size with whatever comes next, be it many small jobs or a part of a large one.
#include "runtime/outbox.hpp"

#include <algorithm>
#include <utility>

#include "ballast/core/digest.hpp"

namespace ballast {
namespace {

// What a piece takes in a frame beside its bytes.
constexpr std::size_t piece_overhead = 40;

}  // namespace

void Outbox::clear_jobs() {
  queue_.clear();
  current_.reset();
}

bool Outbox::window_open() const { return sent_ - taken_ < queue_window_bytes; }

bool Outbox::advance(NextJob next, Load const& load) {
  if (current_) return true;
  if (next == NextJob::wait || queue_.count() == 0 || !window_open()) return false;
  auto const name = *queue_.pop();
  Job job{name, {}, load(name.job)};
  job.digest = digest_of(job.payload);
  sent_ += queue_bytes(job.payload.size());
  current_ = std::move(job);
  current_sent_ = 0;
  return true;
}

JobPiece Outbox::cut(std::size_t most) {
  auto const size = current_->payload.size();
  auto const bytes = std::min(most, size - current_sent_);
  JobPiece piece{current_->name, current_->digest, size, {}};
  auto const whole = bytes == size;
  piece.bytes = whole ? std::move(current_->payload) : current_->payload.substr(current_sent_, bytes);
  current_sent_ += bytes;
  if (current_sent_ == size) current_.reset();
  return piece;
}

StatePiece Outbox::cut_state(RunId run) {
  auto& supply = supplies_.front();
  StatePiece piece{run, supply.part, supply.bytes->substr(supply.sent, frame_bytes - piece_overhead)};
  supply.sent += piece.bytes.size();
  if (supply.sent == supply.bytes->size()) supplies_.pop_front();
  return piece;
}

std::optional<std::string> Outbox::next_frame(RunId run, NextJob next, Load const& load) {
  if (!messages_.empty()) {
    auto const message = std::move(messages_.front());
    messages_.pop_front();
    return encode_message(message);
  }
  if (!supplies_.empty()) return encode_message(cut_state(run));
  Jobs jobs{run, RoundId{}, StateId{}, {}};
  for (std::size_t filled = 0; filled < frame_bytes && advance(next, load);) {
    jobs.pieces.push_back(cut(frame_bytes - filled));
    filled += jobs.pieces.back().bytes.size() + piece_overhead;
  }
  if (jobs.pieces.empty()) return {};
  return encode_message(std::move(jobs));
}

}  // namespace ballast
