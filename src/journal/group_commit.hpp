// Group commit: many records, few syncs; a thread that waits for the disk so that nobody else has to.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <exception>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "ballast/core/clock.hpp"
#include "journal/journal.hpp"

namespace ballast {

/// Records become durable in the order in which they were added, all that there are at a time with one sync, and no
/// sync sooner than `pause` after the last one began (unless somebody flushes).
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
  /// Bytes that were added and are not durable.
  [[nodiscard]] std::uint64_t waiting_bytes() const;
  /// The next sync need not wait for the pause.
  void hurry();
  /// Returns when all that was added is durable. Throws what the disk threw.
  void flush();
};

}  // namespace ballast
