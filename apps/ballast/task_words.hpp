// Task words: what the words of `ballast run` ask for: a file of commands, or a template and its values.
#pragma once

#include <string>
#include <vector>

#include <ballast/problem/task_list.hpp>

#include "subcommand.hpp"

namespace app {

/// How the values of a template are to be read.
struct ValueStyle {
  std::vector<std::string> files;  ///< of -a
  ballast::Combination combination{};
  ballast::TaskHeader header{};
  std::string column_separator;

  friend bool operator==(ValueStyle const&, ValueStyle const&) = default;
};

/// `words` are those before any `--` and `:::`. Throws UsageError for words that do not fit together.
[[nodiscard]] decltype(ballast::TaskOptions::tasks) parse_tasks(std::vector<std::string> const& words,
                                                                CommandLine const& line, ValueStyle const& style);

}  // namespace app
