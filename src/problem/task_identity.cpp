// What a run's tasks are told apart by, in words that a person can read in an error.
#include <fmt/format.h>

#include "ballast/core/digest.hpp"
#include "ballast/core/shell.hpp"
#include "ballast/problem/task_list.hpp"
#include "problem/input_file.hpp"

namespace ballast {
namespace {

constexpr std::size_t longest_list = 1000;

std::string describe(std::string const& path) {
  if (path == "-") return "standard input";
  if (kind_of_input(path) == InputKind::stream) return shell_word(path);
  auto const name = std::filesystem::path{path}.filename().string();
  return fmt::format("{} ({} bytes)", shell_word(name), facts_of(open_input(path), path).size);
}

/// The words, or what stands for them where they would not fit into a line.
std::string describe(std::vector<std::string> const& words) {
  auto text = shell_words(words);
  if (text.size() <= longest_list && text.find('\n') == std::string::npos) return text;
  return fmt::format("{} words with digest {:016x}", words.size(), digest_of(text).value());
}

struct DescribeSource {
  std::string operator()(std::vector<std::string> const& values) const {
    return fmt::format(", values ({})", describe(values));
  }
  std::string operator()(std::filesystem::path const& path) const {
    return fmt::format(", values in {}", describe(path.string()));
  }
};

struct DescribeTasks {
  std::string operator()(TaskFile const& file) const { return fmt::format("commands in {}", describe(file.path)); }
  std::string operator()(TaskTemplate const& tasks) const {
    auto text = fmt::format("command ({})", describe(tasks.words));
    for (auto const& source : tasks.sources) text += std::visit(DescribeSource{}, source.values);
    if (tasks.combination == Combination::linked) text += ", linked";
    if (tasks.header == TaskHeader::names) text += ", with header";
    if (!tasks.column_separator.empty())
      text += fmt::format(", columns between {}", shell_word(tasks.column_separator));
    return text;
  }
};

}  // namespace

std::string identity(TaskOptions const& options) {
  auto text = std::visit(DescribeTasks{}, options.tasks) + ", shell " + shell_word(options.shell);
  if (options.shuffle_seed) text += fmt::format(", shuffled by {}", *options.shuffle_seed);
  return text;
}

}  // namespace ballast
