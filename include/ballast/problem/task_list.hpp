// Task list: commands as jobs, written out in a file, or one template filled in with values.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "ballast/core/id.hpp"
#include "ballast/core/job.hpp"
#include "ballast/core/payload.hpp"
#include "ballast/problem/splitter.hpp"

namespace ballast {

/// Each line is a command for the shell. Blank lines, and lines whose first word begins with `#`, are counted, but are
/// nothing to run.
struct TaskFile {
  std::string path;  ///< `-` is standard input
};

/// Where values come from: given one by one, or the lines of a file (`-` is standard input).
struct TaskSource {
  std::variant<std::vector<std::string>, std::filesystem::path> values;
};

/// How the values of several sources meet: each with all of the others, the last source changing fastest; or first with
/// first, second with second, where a shorter source begins again.
enum class Combination { all, linked };

/// What the first value of a source is.
enum class TaskHeader { none, names };

/// A command with placeholders: {} {1} {2} … for all values, the first, the second; {.} {1.} without the extension, {/}
/// the file name, {//} the folder, {/.} the file name without its extension; {#} the number of the task, from 1; with a
/// header {name}, too. Other braces stay as they are. Without any placeholder the values are added at the end.
/// One word is a command for the shell, and values come quoted; several are a program and its arguments, without a
/// shell, and each placeholder stays inside its argument, byte for byte. With no word the values are the command.
struct TaskTemplate {
  std::vector<std::string> words;
  std::vector<TaskSource> sources;
  Combination combination = Combination::all;
  TaskHeader header = TaskHeader::none;
  /// What stands between the columns of a value, each of which is then a value of its own; empty: nothing does. A
  /// column that a line lacks is empty.
  std::string column_separator{};
};

struct TaskOptions {
  std::variant<TaskFile, TaskTemplate> tasks;
  std::string shell = "/bin/sh";
  std::optional<std::uint64_t> shuffle_seed{};  ///< tasks change places, the same way for the same seed
  /// Where standard input is kept; empty: nowhere. Its folder has to be there.
  std::filesystem::path keep{};
};

/// The tasks of a run. Task n, counted from 1 as {#} is, is job n − 1: line n of the file, or the nth combination; when
/// shuffled, what has come to its place. Files are indexed, with memory that hardly depends on their size. Standard
/// input, and what else can be read only once, is copied first, to options.keep or to a file without a name.
/// May be used by several threads.
class TaskList {
 public:
  /// Throws UsageError for a template that asks for values there are not, a value with a NUL, and more than 2^63
  /// tasks; InputOutputError when a file cannot be read.
  explicit TaskList(TaskOptions const& options);
  TaskList(TaskList&&) noexcept;
  TaskList& operator=(TaskList&&) noexcept;
  ~TaskList();

  [[nodiscard]] std::uint64_t count() const;
  /// The words to run, each ended by a NUL. Expects id < count(). Throws InputOutputError when a file has changed.
  [[nodiscard]] Payload read(JobId id) const;
  /// What tells this task from the others: its values with spaces between, or its line of the file.
  [[nodiscard]] std::string arguments(JobId id) const;
  /// The jobs that are nothing to run, in order.
  [[nodiscard]] std::vector<JobSpan> skipped() const;

 private:
  class Tasks;
  std::unique_ptr<Tasks> tasks_;
};

/// What makes the tasks the same: names without folders and sizes of files, the values, the template and its options,
/// the shell. Looks at the files: for the Main Node only. Throws InputOutputError.
[[nodiscard]] std::string identity(TaskOptions const& options);

/// The words of a payload that TaskList::read() has made.
[[nodiscard]] std::vector<std::string> words_of_task(std::string_view payload);
/// As a person would type it: what the shell is told, or the words as a shell reads them back.
[[nodiscard]] std::string command_of_task(std::string_view payload, std::string_view shell = "/bin/sh");

[[nodiscard]] Splitter make_task_splitter(std::shared_ptr<TaskList const> tasks);

}  // namespace ballast
