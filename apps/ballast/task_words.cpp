// GNU parallel's grammar: template, then `:::` before values and `::::` before files of values.
#include "task_words.hpp"

#include <fmt/core.h>

#include <algorithm>

namespace app {
namespace {

bool begins_values(std::string const& word) { return word.starts_with(":::"); }

/// The sources that `:::` and `::::` name.
void add_sources(std::vector<std::string>::const_iterator word, std::vector<std::string>::const_iterator end,
                 std::vector<ballast::TaskSource>& sources) {
  while (word != end) {
    auto const kind = *word++;
    auto const next = std::find_if(word, end, begins_values);
    if (kind == ":::") {
      sources.push_back({std::vector<std::string>(word, next)});
    } else if (kind == "::::") {
      for (auto file = word; file != next; ++file) sources.push_back({std::filesystem::path{*file}});
    } else {
      throw ballast::UsageError{fmt::format("`{}` is not understood", kind),
                                "values follow `:::`, files of values `::::`",
                                "use --link to take the first of each source together"};
    }
    word = next;
  }
}

ballast::TaskFile task_file(std::vector<std::string> const& words, ValueStyle const& style) {
  if (style != ValueStyle{})
    throw ballast::UsageError{"a file of commands has no values", "--link, --header and --colsep are about values",
                              "leave them out, or put a template behind `--`: ballast run -a FILE -- COMMAND {}"};
  if (words.size() > 1)
    throw ballast::UsageError{fmt::format("`{} …` are several words", words.front()),
                              "without values there is one file of commands",
                              "give values with :::, or put a template behind `--`: ballast run -a FILE -- COMMAND {}"};
  auto const file = words.empty() ? "-" : words.front();
  if (file.find_first_of(" {") != std::string::npos && !std::filesystem::exists(file))
    throw ballast::UsageError{fmt::format("there is no file `{}`", file), "without values it would be one of commands",
                              "give a template values with :::, or, for those on standard input, put it behind `--`"};
  return {file};
}

}  // namespace

decltype(ballast::TaskOptions::tasks) parse_tasks(std::vector<std::string> const& words, CommandLine const& line,
                                                  ValueStyle const& style) {
  if (!line.has_command && line.command.empty() && style.files.empty()) return task_file(words, style);
  if (line.has_command && !words.empty())
    throw ballast::UsageError{fmt::format("`{}` stands before `--`", words.front()),
                              "all of a template stands behind it", "move it there, or leave `--` out"};
  auto const values = std::find_if(line.command.begin(), line.command.end(), begins_values);
  ballast::TaskTemplate tasks;
  tasks.words = line.has_command ? std::vector<std::string>(line.command.begin(), values) : words;
  for (auto const& file : style.files) tasks.sources.push_back({std::filesystem::path{file}});
  add_sources(values, line.command.end(), tasks.sources);
  if (tasks.sources.empty()) tasks.sources.push_back({std::filesystem::path{"-"}});
  tasks.combination = style.combination;
  tasks.header = style.header;
  tasks.column_separator = style.column_separator;
  return tasks;
}

}  // namespace app
