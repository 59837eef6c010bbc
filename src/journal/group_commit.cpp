// The thread that syncs.
#include "journal/group_commit.hpp"

#include <pthread.h>

#include <algorithm>
#include <csignal>
#include <utility>

namespace ballast {
namespace {

constexpr std::uint64_t much = std::uint64_t{8} << 20;
constexpr Duration between_writes = std::chrono::milliseconds{5};

using Moment = std::chrono::steady_clock::time_point;

Moment moment(std::optional<Time> const& last, Duration pause) {
  return last ? Moment{(*last + pause).time_since_epoch()} : Moment::min();
}

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
  auto const before = waiting_bytes_;
  next_.records.append(bytes);
  if (apart) next_.apart.push_back(std::move(apart));
  waiting_bytes_ += bytes.size();
  if (first || (before < much && waiting_bytes_ >= much)) wake_worker_.notify_one();
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
    if (syncing_ < last) {  // else the last of them is being synced, and nothing that comes later has to hurry
      hurried_ = true;
      wake_worker_.notify_one();
    }
    progress_.wait(lock);
  }
  if (error_) std::rethrow_exception(error_);
}

void GroupCommit::work() {
  std::unique_lock lock{mutex_};
  for (auto task = wait_for_task(lock); task != Task::end; task = wait_for_task(lock)) {
    Group group{{}, {}, next_.last};
    std::swap(group, next_);
    auto const now = Clock::now();
    written_at_ = now;
    if (task == Task::write_and_sync) {
      syncing_ = group.last;
      synced_ = now;
      hurried_ = false;
    }
    lock.unlock();
    std::exception_ptr error;
    try {
      commit(group, task);
    } catch (...) {
      error = std::current_exception();
    }
    lock.lock();
    error_ = error;
    if (!error) committed(group, task);
    progress_.notify_all();
    if (error) return;
  }
}

void GroupCommit::committed(Group const& group, Task task) {
  unsynced_bytes_ += group.records.size();
  written_ = group.last;
  if (task != Task::write_and_sync) return;
  durable_ = written_;
  waiting_bytes_ -= std::exchange(unsynced_bytes_, 0);
}

/// Waits for records, and then until they may be written or synced.
GroupCommit::Task GroupCommit::wait_for_task(std::unique_lock<std::mutex>& lock) {
  for (;;) {
    wake_worker_.wait(lock, [&] { return ending_ || !next_.records.empty() || written_ > durable_; });
    bool const fresh = !next_.records.empty();
    // A file of its own must be durable before the record that names it is written.
    bool const may_write = fresh && next_.apart.empty();
    auto const sync_at = moment(synced_, pause_);
    auto const wake_at = may_write ? std::min(sync_at, moment(written_at_, between_writes)) : sync_at;
    auto const at_once = [&] { return ending_ || hurried_ || waiting_bytes_ >= much; };
    wake_worker_.wait_until(lock, wake_at, [&] { return at_once() || (!fresh && !next_.records.empty()); });
    auto const now = std::chrono::steady_clock::now();
    if (ending_) return Task::end;
    if (at_once() || now >= sync_at) return Task::write_and_sync;
    if (may_write && now >= wake_at) return Task::write;
  }
}

void GroupCommit::commit(Group& group, Task task) {
  for (auto const& file : group.apart) file->sync();
  if (!group.apart.empty()) writer_.sync_names();
  group.apart.clear();
  if (!group.records.empty()) writer_.write(group.records);
  if (task == Task::write_and_sync) writer_.sync();
}

}  // namespace ballast
