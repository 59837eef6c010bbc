// Task sources: the values of a template's sources, and how they meet.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "ballast/problem/task_list.hpp"
#include "problem/task_lines.hpp"
#include "problem/task_template.hpp"

namespace ballast {

/// One source: its values by number, the header apart.
class ValueList {
 public:
  /// Throws UsageError for a value with a NUL; InputOutputError if a file cannot be read.
  ValueList(TaskSource const& source, TaskHeader header, std::filesystem::path const& keep);

  [[nodiscard]] std::uint64_t count() const;
  [[nodiscard]] std::string at(std::uint64_t number) const;
  [[nodiscard]] std::string header() const;  ///< empty if there is none

 private:
  [[nodiscard]] std::uint64_t lines() const;
  [[nodiscard]] std::string line(std::uint64_t number) const;

  std::variant<std::vector<std::string>, std::unique_ptr<TaskLines>> values_;
  std::uint64_t first_;  ///< how many are before the first value: the header
};

/// The values of each task. May be used by several threads.
class TaskSources {
 public:
  /// Reads each file once. Throws as ValueList does, and UsageError if there is no source, if standard input is more
  /// than one of them, and for more than 2^63 tasks.
  TaskSources(TaskTemplate const& tasks, std::filesystem::path const& keep);

  [[nodiscard]] std::uint64_t count() const { return count_; }
  /// What a template may say about the values.
  [[nodiscard]] KnownValues known() const;
  /// The values of a task, from 0.
  [[nodiscard]] std::vector<std::string> values(std::uint64_t task) const;

 private:
  [[nodiscard]] std::uint64_t combinations() const;
  void add_columns(std::string_view value, std::vector<std::string>& columns) const;

  std::vector<ValueList> lists_;
  Combination combination_;
  std::string column_separator_;
  std::uint64_t count_ = 0;
};

}  // namespace ballast
