// Stash: bytes by job, in memory up to a budget, the rest in an unlinked file.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "ballast/core/id.hpp"
#include "ballast/core/payload.hpp"
#include "runtime/extent_table.hpp"
#include "runtime/spill_file.hpp"

namespace ballast {

/// Holds jobs until they are resolved, or solutions until it is their turn. Any thread may call anything, but one value
/// is written, read and discarded by one thread at a time. No lock is held while a disk is read or a callback runs.
/// A value in the file costs 9 bytes of memory (when ids are dense; the file's buffer is 1 MiB, once); one in memory is
/// charged with what its container takes, too. Every call that writes throws InputOutputError when the disk is full.
class Stash {
 public:
  /// The file is made in `directory` when the first value leaves memory.
  Stash(std::size_t memory_budget, std::filesystem::path directory);

  /// Keeps a whole value. Expects !contains(job).
  void put(JobId job, Payload value);
  /// Adds to a value, or begins one. A value that grows beyond 1 MiB leaves memory.
  void append(JobId job, std::string_view piece);
  /// Forgets a value, whole or not; nothing happens if there is none.
  void discard(JobId job);

  [[nodiscard]] bool contains(JobId job) const;
  /// A copy of the value. Expects contains(job).
  [[nodiscard]] Payload read(JobId job) const;
  /// Hands a whole value on in pieces of at most 1 MiB, so that it is never whole in memory. Expects contains(job).
  void for_each_piece(JobId job, std::function<void(std::string_view)> const& take) const;

  [[nodiscard]] std::size_t memory() const;     ///< bytes that count against the budget now
  [[nodiscard]] std::uint64_t spilled() const;  ///< bytes that have gone to the file so far

 private:
  using Resident = std::unordered_map<JobId, Payload>;

  [[nodiscard]] bool known(JobId job) const;
  [[nodiscard]] bool fits(std::size_t bytes) const;
  void keep(JobId job, Payload&& value);
  void spill(JobId job, std::string_view bytes);
  [[nodiscard]] Payload evict(Resident::iterator value);
  [[nodiscard]] std::vector<Extent> extents(JobId job) const;
  void fetch(Extent extent, char* into) const;

  std::size_t const budget_;
  mutable std::mutex mutex_;
  std::size_t memory_ = 0;
  Resident resident_;                                         ///< values in memory
  ExtentTable whole_;                                         ///< values in the file, in one run of bytes
  std::unordered_map<JobId, std::vector<Extent>> scattered_;  ///< values in the file, in several
  SpillFile file_;
};

/// Where temporary files go: $TMPDIR, or /var/tmp, or /tmp, whichever is a folder first.
[[nodiscard]] std::filesystem::path spill_directory();

}  // namespace ballast
