// The thread that syncs.
#include "journal/group_commit.hpp"

#include <pthread.h>

#include <csignal>

namespace ballast {
namespace {

constexpr std::size_t much = std::size_t{8} << 20;

/// A thread that no signal of the process is handed to: those belong to the one that runs the engine.
template <class Work>
std::thread thread_without_signals(Work work) {
  sigset_t all;
  sigset_t before;
  sigfillset(&all);
  ::pthread_sigmask(SIG_SETMASK, &all, &before);
  std::thread thread{work};
  ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
  return thread;
}

}  // namespace

GroupCommit::GroupCommit(JournalWriter writer, Duration pause) : writer_{std::move(writer)}, pause_{pause} {
  worker_ = thread_without_signals([this] { work(); });
}

GroupCommit::~GroupCommit() {
  {
    std::lock_guard const lock{mutex_};
    ending_ = true;
  }
  wake_worker_.notify_one();
  worker_.join();
}

std::uint64_t GroupCommit::add(Record const& record, std::unique_ptr<AppendFile> apart) {
  auto const bytes = encode_record(record);
  std::lock_guard const lock{mutex_};
  ++next_.last;
  if (error_) return next_.last;  // nobody will write it
  auto const first = next_.records.empty();
  auto const before = next_.records.size();
  next_.records.append(bytes);
  if (apart) next_.apart.push_back(std::move(apart));
  waiting_bytes_ += bytes.size();
  if (first || (before < much && next_.records.size() >= much)) wake_worker_.notify_one();
  return next_.last;
}

std::uint64_t GroupCommit::durable() const {
  std::lock_guard const lock{mutex_};
  if (error_) std::rethrow_exception(error_);
  return durable_;
}

std::uint64_t GroupCommit::waiting_bytes() const {
  std::lock_guard const lock{mutex_};
  return waiting_bytes_;
}

void GroupCommit::hurry() {
  {
    std::lock_guard const lock{mutex_};
    hurried_ = true;
  }
  wake_worker_.notify_one();
}

void GroupCommit::flush() {
  std::unique_lock lock{mutex_};
  auto const last = next_.last;
  while (durable_ < last && !error_) {
    if (!next_.records.empty()) {  // else the last of them is being synced, and nothing that comes later has to hurry
      hurried_ = true;
      wake_worker_.notify_one();
    }
    progress_.wait(lock);
  }
  if (error_) std::rethrow_exception(error_);
}

void GroupCommit::work() {
  std::unique_lock lock{mutex_};
  while (wait_for_group(lock)) {
    Group group{{}, {}, next_.last};
    std::swap(group, next_);
    hurried_ = false;
    begun_ = Clock::now();
    lock.unlock();
    std::exception_ptr error;
    try {
      commit(group);
    } catch (...) {
      error = std::current_exception();
    }
    lock.lock();
    error_ = error;
    if (!error) {
      durable_ = group.last;
      waiting_bytes_ -= group.records.size();
    }
    progress_.notify_all();
    if (error) return;
  }
}

/// Whether there is one. Waits for records, and then until they may be synced.
bool GroupCommit::wait_for_group(std::unique_lock<std::mutex>& lock) {
  wake_worker_.wait(lock, [&] { return ending_ || !next_.records.empty(); });
  auto const may_begin = [&] { return ending_ || hurried_ || next_.records.size() >= much; };
  if (begun_) {
    auto const pause_ends = std::chrono::steady_clock::time_point{(*begun_ + pause_).time_since_epoch()};
    wake_worker_.wait_until(lock, pause_ends, may_begin);
  }
  return !ending_;
}

void GroupCommit::commit(Group& group) {
  for (auto const& file : group.apart) file->sync();
  if (!group.apart.empty()) writer_.sync_names();
  group.apart.clear();
  writer_.write(group.records);
  writer_.sync();
}

}  // namespace ballast
