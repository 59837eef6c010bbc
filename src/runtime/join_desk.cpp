// One side accepts and never waits, the other joins and may; the stash between them goes to disk.
#include "runtime/join_desk.hpp"

#include <fmt/format.h>

#include <chrono>
#include <fstream>

#include "ballast/core/contract.hpp"
#include "ballast/core/error.hpp"

namespace ballast {
namespace {

constexpr std::size_t stash_memory = std::size_t{32} << 20;
constexpr std::uint64_t most_unjoined_bytes = std::uint64_t{256} << 20;
constexpr std::size_t piece_bytes = std::size_t{1} << 20;
constexpr auto lull = std::chrono::milliseconds{100};
constexpr auto patience_with_joiner = std::chrono::milliseconds{200};

// Solutions that come in pieces are named in the stash by attempt, since two may be on their way for one job; no job
// has a name like that.
constexpr JobId first_shelf{std::uint64_t{1} << 63};

}  // namespace

JoinDesk::JoinDesk(std::unique_ptr<Joiner> joiner)
    : joiner_{std::move(joiner)},
      order_{joiner_->order()},
      stash_{stash_memory, spill_directory()},
      next_shelf_{first_shelf},
      thread_{[this] { join_all(); }} {}

JoinDesk::~JoinDesk() {
  static_cast<void>(stop());
  thread_.join();
}

void JoinDesk::add_piece(JobAttempt name, std::string_view bytes) {
  auto const [place, fresh] = partial_.try_emplace(name, Partial{next_shelf_});
  if (fresh) next_shelf_ = next_shelf_.next();
  stash_.append(place->second.shelf, bytes);
  place->second.bytes += bytes.size();
}

void JoinDesk::drop_pieces(JobAttempt name) {
  auto const partial = partial_.extract(name);
  if (!partial.empty()) stash_.discard(partial.mapped().shelf);
}

void JoinDesk::drop_pieces_of(JobId job) {
  auto const first = partial_.lower_bound({job, Attempt{}});
  auto last = first;
  for (; last != partial_.end() && last->first.job == job; ++last) stash_.discard(last->second.shelf);
  partial_.erase(first, last);
}

void JoinDesk::accept(JobAttempt name, Payload bytes) {
  auto size = bytes.size();
  auto const partial = partial_.extract(name);
  if (partial.empty()) {
    stash_.put(name.job, std::move(bytes));
  } else {
    size += partial.mapped().bytes;
    stash_.append(partial.mapped().shelf, bytes);
  }
  drop_pieces_of(name.job);
  std::lock_guard const lock{mutex_};
  if (!partial.empty()) shelves_.emplace(name.job, partial.mapped().shelf);
  unjoined_bytes_ += size;
  settle(name.job, State::whole);
}

void JoinDesk::accept_file(JobId job, std::filesystem::path file, std::uint64_t size) {
  std::lock_guard const lock{mutex_};
  files_.emplace(job, WholeFile{std::move(file), size});
  unjoined_bytes_ += size;
  settle(job, State::whole);
}

void JoinDesk::skip(JobId job) {
  drop_pieces_of(job);
  std::lock_guard const lock{mutex_};
  settle(job, State::skipped);
}

void JoinDesk::settle(JobId job, State state) {
  if (order_ == JoinOrder::arrival) {
    if (state == State::whole) arrived_.push_back(job);
  } else {
    BALLAST_EXPECT(job >= next_);
    auto const ahead = job.value() - next_.value();
    if (ahead >= states_.size()) states_.resize(ahead + 1, State::awaited);
    BALLAST_EXPECT(states_[ahead] == State::awaited);
    states_[ahead] = state;
  }
  if (has_next()) news_.notify_one();
}

void JoinDesk::finish(Missing missing) {
  std::lock_guard const lock{mutex_};
  finished_ = true;
  pass_over_missing_ = missing == Missing::what_was_not_told;
  news_.notify_one();
}

bool JoinDesk::congested() const {
  std::lock_guard const lock{mutex_};
  return unjoined_bytes_ > most_unjoined_bytes && has_next();
}

bool JoinDesk::closed() const {
  std::lock_guard const lock{mutex_};
  if (failure_) std::rethrow_exception(failure_);
  return closed_;
}

bool JoinDesk::stop() {
  std::unique_lock lock{mutex_};
  stopped_ = true;
  news_.notify_one();
  auto const left = left_.wait_for(lock, patience_with_joiner, [this] { return thread_left_; });
  if (left) joiner_.reset();
  return left;
}

bool JoinDesk::has_next() const {
  if (order_ == JoinOrder::arrival) return !arrived_.empty();
  return !states_.empty() && (states_.front() != State::awaited || pass_over_missing_);
}

std::pair<JobId, JoinDesk::State> JoinDesk::take_next() {
  if (order_ == JoinOrder::arrival) {
    auto const job = arrived_.front();
    arrived_.pop_front();
    return {job, State::whole};
  }
  std::pair const next{next_, states_.front()};
  states_.pop_front();
  next_ = next_.next();
  return next;
}

void JoinDesk::join_all() {
  std::unique_lock lock{mutex_};
  try {
    for (;;) {
      wait_for_news(lock);
      if (stopped_ || !has_next()) break;
      auto const [job, state] = take_next();
      if (state != State::whole) continue;
      auto const shelf = shelves_.extract(job);
      auto const file = files_.extract(job);
      lock.unlock();
      if (file.empty())
        join_one(job, shelf.empty() ? job : shelf.mapped());
      else
        join_file(job, file.mapped());
      lock.lock();
    }
    auto const complete = !stopped_;
    lock.unlock();
    if (complete) joiner_->close();
    lock.lock();
    closed_ = complete;
  } catch (...) {
    if (!lock.owns_lock()) lock.lock();
    failure_ = std::current_exception();
  }
  thread_left_ = true;
  left_.notify_all();
}

void JoinDesk::wait_for_news(std::unique_lock<std::mutex>& lock) {
  auto const any_news = [this] { return stopped_ || finished_ || has_next(); };
  if (news_.wait_for(lock, lull, any_news)) return;
  lock.unlock();
  joiner_->show();
  lock.lock();
  news_.wait(lock, any_news);
}

void JoinDesk::join_file(JobId job, WholeFile const& file) {
  std::ifstream input{file.path, std::ios::binary};
  std::string piece(piece_bytes, '\0');
  std::uint64_t joined = 0;
  while (input.read(piece.data(), static_cast<std::streamsize>(piece.size())), input.gcount() > 0) {
    auto const size = static_cast<std::size_t>(input.gcount());
    joiner_->write(job, std::string_view{piece}.substr(0, size));
    joined += size;
  }
  if (!input.eof() || joined != file.size)
    throw InputOutputError{fmt::format("cannot read {} whole", file.path.string()), "it holds the solution of a job",
                           "look at that disk, then start again with --resume"};
  joiner_->finish(job);
  std::lock_guard const lock{mutex_};
  unjoined_bytes_ -= joined;
}

void JoinDesk::join_one(JobId job, JobId shelf) {
  std::uint64_t joined = 0;
  stash_.for_each_piece(shelf, [&](std::string_view piece) {
    joiner_->write(job, piece);
    joined += piece.size();
  });
  joiner_->finish(job);
  stash_.discard(shelf);
  std::lock_guard const lock{mutex_};
  unjoined_bytes_ -= joined;
}

}  // namespace ballast
