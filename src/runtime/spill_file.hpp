// Spill file: bytes that do not fit into memory, in a file without a name, whose space is used again.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "core/descriptor.hpp"
#include "runtime/extent_table.hpp"

namespace ballast {

/// Space is handed out in segments of 1 MiB. One is being filled, in memory, and written when it is full, so that small
/// values cost no system call each. A segment whose bytes are all released is filled again before the file grows, and
/// the file is emptied when nothing in it is needed. Not locked.
class SpillFile {
 public:
  explicit SpillFile(std::filesystem::path directory) : directory_{std::move(directory)} {}

  /// Adds bytes to a value's extents, joining up with the last one where it can.
  /// Throws InputOutputError when the file cannot be made, or the disk is full.
  void append(std::string_view bytes, std::vector<Extent>& value);
  /// These bytes are not needed any more.
  void release(Extent extent);

  /// Where to read an extent: from memory as long as the result is used before any other call, or by read().
  [[nodiscard]] std::string_view buffered(Extent extent) const;
  /// Reads an extent that is not buffered. May run beside append() and release() of others.
  void read(Extent extent, char* into) const;

  [[nodiscard]] std::uint64_t written() const { return written_; }  ///< bytes appended so far
  [[nodiscard]] std::uint64_t size() const { return live_.size() * Extent::longest; }

 private:
  void open();
  void next_segment();
  void store();
  void empty();

  std::filesystem::path directory_;
  Descriptor file_;
  std::string buffer_;               ///< the segment that is being filled, so far
  std::uint64_t filling_ = 0;        ///< its number
  std::vector<std::uint32_t> live_;  ///< bytes in use, by segment
  std::vector<std::uint64_t> free_;  ///< segments without any
  std::uint64_t total_ = 0;          ///< bytes in use
  std::uint64_t written_ = 0;
};

}  // namespace ballast
