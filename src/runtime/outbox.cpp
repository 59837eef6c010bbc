// Frames are filled up to their size with whatever comes next, be it many small jobs or a part of a large one.
#include "runtime/outbox.hpp"

#include <algorithm>
#include <utility>

#include "ballast/problem/digest.hpp"

namespace ballast {
namespace {

// What a piece takes in a frame beside its bytes.
constexpr std::size_t piece_overhead = 40;

}  // namespace

void Outbox::clear_jobs() {
  runs_.clear();
  current_.reset();
}

JobRuns Outbox::recall(std::uint64_t count) {
  JobRuns back;
  while (count > 0 && !runs_.empty()) {
    auto& last = runs_.back();
    auto const cut = std::min(count, last.count);
    last.count -= cut;
    count -= cut;
    back.push_back({JobId{last.first.value() + last.count}, cut, last.attempt});
    if (last.count == 0) runs_.pop_back();
  }
  std::reverse(back.begin(), back.end());
  return back;
}

bool Outbox::drop(JobAttempt name) {
  auto const found = std::find_if(runs_.begin(), runs_.end(), [&](JobRun const& run) {
    return run.attempt == name.attempt && run.first <= name.job && name.job.value() - run.first.value() < run.count;
  });
  if (found == runs_.end()) return false;
  auto const before = name.job.value() - found->first.value();
  JobRun const behind{name.job.next(), found->count - before - 1, found->attempt};
  found->count = before;
  auto const next = before > 0 ? std::next(found) : runs_.erase(found);
  if (behind.count > 0) runs_.insert(next, behind);
  return true;
}

bool Outbox::window_open() const { return sent_ - taken_ < queue_window_bytes; }

bool Outbox::advance(NextJob next, Load const& load) {
  if (current_) return true;
  if (next == NextJob::wait || runs_.empty() || !window_open()) return false;
  auto& run = runs_.front();
  Job job{{run.first, run.attempt}, {}, load(run.first)};
  job.digest = digest_of(job.payload);
  sent_ += queue_bytes(job.payload.size());
  current_ = std::move(job);
  current_sent_ = 0;
  run.first = run.first.next();
  if (--run.count == 0) runs_.pop_front();
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

std::optional<std::string> Outbox::next_frame(RunId run, NextJob next, Load const& load) {
  if (!messages_.empty()) {
    auto const message = std::move(messages_.front());
    messages_.pop_front();
    return encode_message(message);
  }
  Jobs jobs{run, RoundId{}, StateId{}, {}};
  for (std::size_t filled = 0; filled < frame_bytes && advance(next, load);) {
    jobs.pieces.push_back(cut(frame_bytes - filled));
    filled += jobs.pieces.back().bytes.size() + piece_overhead;
  }
  if (jobs.pieces.empty()) return {};
  return encode_message(std::move(jobs));
}

}  // namespace ballast
