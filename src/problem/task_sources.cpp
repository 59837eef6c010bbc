// A task's number, written in the sizes of the sources, tells its values.
#include "problem/task_sources.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "ballast/core/error.hpp"

namespace ballast {
namespace {

using Values = std::vector<std::string>;

constexpr std::uint64_t most_tasks = std::uint64_t{1} << 63;

/// What is wrong is told before the long wait for standard input.
void expect_sources(std::vector<TaskSource> const& sources) {
  if (sources.empty())
    throw UsageError{"there are no values for the template", "", "give some after `:::`, or files after `::::`"};
  auto standard_inputs = 0;
  for (auto const& source : sources) {
    auto const* const path = std::get_if<std::filesystem::path>(&source.values);
    if (path == nullptr) continue;
    expect_readable(path->string());
    if (*path == "-" && ++standard_inputs == 2)
      throw UsageError{"standard input cannot be two sources", "it can be read only once", "name it once"};
  }
}

}  // namespace

ValueList::ValueList(TaskSource const& source, TaskHeader header, std::filesystem::path const& keep) {
  if (auto const* const path = std::get_if<std::filesystem::path>(&source.values)) {
    auto lines = std::make_unique<TaskLines>(path->string(), keep);
    for (std::uint64_t i = 0; i < lines->count(); ++i) {
      if (has_null(lines->line(i))) refuse_null(lines->place_of(i));
    }
    values_ = std::move(lines);
  } else {
    auto const& given = std::get<Values>(source.values);
    if (std::ranges::any_of(given, has_null)) refuse_null("a value");
    values_ = given;
  }
  first_ = header == TaskHeader::names ? std::min<std::uint64_t>(1, lines()) : 0;
}

std::uint64_t ValueList::lines() const {
  if (auto const* const given = std::get_if<Values>(&values_)) return given->size();
  return std::get<std::unique_ptr<TaskLines>>(values_)->count();
}

std::string ValueList::line(std::uint64_t number) const {
  if (auto const* const given = std::get_if<Values>(&values_)) return (*given)[number];
  return std::get<std::unique_ptr<TaskLines>>(values_)->line(number);
}

std::uint64_t ValueList::count() const { return lines() - first_; }

std::string ValueList::at(std::uint64_t number) const { return line(first_ + number); }

std::string ValueList::header() const { return first_ > 0 ? line(0) : std::string{}; }

TaskSources::TaskSources(TaskTemplate const& tasks, std::filesystem::path const& keep)
    : combination_{tasks.combination}, column_separator_{tasks.column_separator} {
  expect_sources(tasks.sources);
  for (auto const& source : tasks.sources) lists_.emplace_back(source, tasks.header, keep);
  count_ = combinations();
}

std::uint64_t TaskSources::combinations() const {
  auto const is_empty = [](ValueList const& list) { return list.count() == 0; };
  if (std::ranges::any_of(lists_, is_empty)) return 0;
  std::uint64_t product = 1;
  std::uint64_t longest = 0;
  for (auto const& list : lists_) {
    longest = std::max(longest, list.count());
    if (combination_ == Combination::linked) continue;
    if (product > most_tasks / list.count())
      throw UsageError{"there are more than 2^63 tasks", "each value of a source meets all of the others",
                       "use --link, or give fewer values"};
    product *= list.count();
  }
  return combination_ == Combination::linked ? longest : product;
}

KnownValues TaskSources::known() const {
  KnownValues known;
  for (auto const& list : lists_) add_columns(list.header(), known.names);
  if (column_separator_.empty()) known.count = lists_.size();
  return known;
}

Values TaskSources::values(std::uint64_t task) const {
  std::vector<std::uint64_t> places(lists_.size());
  auto rest = task;
  for (auto i = lists_.size(); i-- > 0;) {
    auto const count = lists_[i].count();
    places[i] = combination_ == Combination::linked ? task % count : rest % count;
    rest /= count;
  }
  Values values;
  for (std::size_t i = 0; i < lists_.size(); ++i) add_columns(lists_[i].at(places[i]), values);
  return values;
}

void TaskSources::add_columns(std::string_view value, Values& columns) const {
  auto const split = !column_separator_.empty();
  if (split && value.ends_with('\r')) value.remove_suffix(1);  // a table from elsewhere
  for (auto end = value.find(column_separator_); split && end != std::string_view::npos;
       end = value.find(column_separator_)) {
    columns.emplace_back(value.substr(0, end));
    value.remove_prefix(end + column_separator_.size());
  }
  columns.emplace_back(value);
}

}  // namespace ballast
