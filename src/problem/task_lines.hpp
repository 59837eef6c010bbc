// Task lines: the lines of an input, in any order, whatever the input is.
#pragma once

#include <cstdint>
#include <filesystem>
#include <mutex>
#include <string>
#include <string_view>

#include "core/descriptor.hpp"
#include "problem/text_index.hpp"

namespace ballast {

/// Throws InputOutputError if the input cannot be read, without waiting for it; `-` is standard input.
void expect_readable(std::string const& path);

/// Whether a value has a NUL, which no argument of a command can have.
[[nodiscard]] bool has_null(std::string_view value);
/// Throws the UsageError that says so. `place` says where the value stands.
[[noreturn]] void refuse_null(std::string const& place);

/// Lines without their ends. What can be read only once is read to its end first, and kept in a file: standard input in
/// `keep`, where that is not empty, all else in a file without a name. May be used by several threads.
class TaskLines {
 public:
  /// Throws InputOutputError, now or when a line is read.
  TaskLines(std::string const& path, std::filesystem::path const& keep);

  [[nodiscard]] std::uint64_t count() const { return text_.count(); }
  [[nodiscard]] std::string line(std::uint64_t number) const;  ///< from 0
  /// As an error names it: `line 7 of tasks.txt`.
  [[nodiscard]] std::string place_of(std::uint64_t number) const;

 private:
  std::string name_;
  Descriptor copy_;  ///< open for as long as it is read, for it has no other name
  mutable std::mutex mutex_;
  mutable IndexedText text_;
};

}  // namespace ballast
