// Group commit: many records, few syncs; a thread that waits for the disk so that nobody else has to.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <exception>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "ballast/core/clock.hpp"
#include "journal/journal.hpp"

namespace ballast {

/// Records become durable in the order in which they were added, all that there are at a time with one sync, and no
/// sync sooner than `pause` after the last one began: unless somebody flushes or hurries, or much waits. They are
/// written within milliseconds, so that the death of this process alone, and not of its machine, loses hardly any.
/// Safe to be used by one thread.
class GroupCommit {
 public:
  explicit GroupCommit(JournalWriter writer, Duration pause = std::chrono::milliseconds{250});
  ~GroupCommit();  ///< what is not durable yet may be lost
  GroupCommit(GroupCommit const&) = delete;
  GroupCommit& operator=(GroupCommit const&) = delete;

  /// Returns the record's number: 1, 2, 3 … `apart`, the file of a SolutionApart, is synced before the record is
  /// written. Does not wait.
  std::uint64_t add(Record const& record, std::unique_ptr<AppendFile> apart = {});
  /// The number of the last record that is durable. Throws what the disk threw; nothing is durable from then on.
  [[nodiscard]] std::uint64_t durable() const;
  /// Bytes of records that were added and are not durable.
  [[nodiscard]] std::uint64_t waiting_bytes() const;
  /// The next sync need not wait for the pause.
  void hurry();
  /// Returns when all that was added is durable. Throws what the disk threw.
  void flush();

 private:
  /// What is written at once.
  struct Group {
    std::string records;
    std::vector<std::unique_ptr<AppendFile>> apart;
    std::uint64_t last{0};  ///< number of its last record
  };
  enum class Task { write, write_and_sync, end };

  void work();
  [[nodiscard]] Task wait_for_task(std::unique_lock<std::mutex>& lock);
  void commit(Group& group, Task task);
  void committed(Group const& group, Task task);

  JournalWriter writer_;
  Duration pause_;
  mutable std::mutex mutex_;  // guards all below
  std::condition_variable wake_worker_;
  std::condition_variable progress_;
  Group next_;
  std::uint64_t durable_{0};
  std::uint64_t syncing_{0};  ///< number of the last record that the latest sync covers
  std::uint64_t written_{0};  ///< number of the last record that was; with the next sync it is durable
  std::uint64_t waiting_bytes_{0};
  std::uint64_t unsynced_bytes_{0};  ///< of the waiting ones, those that were written
  bool hurried_{false};
  bool ending_{false};
  std::optional<Time> synced_;      ///< when the last sync began
  std::optional<Time> written_at_;  ///< when the last records were written
  std::exception_ptr error_;
  std::thread worker_;
};

}  // namespace ballast
