// From a job's id to its words: first the place it was shuffled from, then the line or the combination.
#include "ballast/problem/task_list.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>
#include <random>
#include <utility>

#include "ballast/core/contract.hpp"
#include "ballast/core/error.hpp"
#include "ballast/core/shell.hpp"
#include "problem/task_lines.hpp"
#include "problem/task_sources.hpp"
#include "problem/task_template.hpp"

namespace ballast {
namespace {

using Words = std::vector<std::string>;

/// Where each job was shuffled from; 4 bytes a task.
using Places = std::vector<std::uint32_t>;
constexpr std::uint64_t most_shuffled = std::uint64_t{1} << 28;

/// Below `limit`, each number as likely as any other, and the same on every machine (std::shuffle may differ).
std::uint64_t draw_below(std::uint64_t limit, std::mt19937_64& random) {
  auto const usable = UINT64_MAX - UINT64_MAX % limit;
  auto drawn = random();
  while (drawn >= usable) drawn = random();
  return drawn % limit;
}

/// Fisher and Yates, 1938, as Durstenfeld (1964) does it in place.
Places shuffled(std::uint64_t count, std::uint64_t seed) {
  if (count > most_shuffled)
    throw UsageError{fmt::format("{} tasks are too many to shuffle", count),
                     fmt::format("the limit is {}", most_shuffled), "leave out --shuffle"};
  Places places(count);
  std::iota(places.begin(), places.end(), std::uint32_t{0});
  std::mt19937_64 random{seed};
  for (auto left = count; left > 1; --left) std::swap(places[left - 1], places[draw_below(left, random)]);
  return places;
}

bool is_nothing_to_run(std::string_view line) {
  auto const first = line.find_first_not_of(" \t\r\v\f");
  return first == std::string_view::npos || line[first] == '#';
}

/// The commands of a file.
class FileTasks {
 public:
  FileTasks(TaskFile const& file, TaskOptions const& options) : shell_{options.shell} {
    expect_readable(file.path);
    lines_ = std::make_unique<TaskLines>(file.path, options.keep);
    for (std::uint64_t i = 0; i < lines_->count(); ++i) {
      auto const line = lines_->line(i);
      if (has_null(line)) refuse_null(lines_->place_of(i));
      skipped_.push_back(is_nothing_to_run(line));
    }
  }

  [[nodiscard]] std::uint64_t count() const { return lines_->count(); }
  [[nodiscard]] Words words(std::uint64_t place, std::uint64_t /*number*/) const {
    return {shell_, "-c", lines_->line(place)};
  }
  [[nodiscard]] std::string arguments(std::uint64_t place) const { return lines_->line(place); }
  [[nodiscard]] bool is_skipped(std::uint64_t place) const { return skipped_[place]; }
  [[nodiscard]] bool skips_any() const { return true; }

 private:
  std::string shell_;
  std::unique_ptr<TaskLines> lines_;
  std::vector<bool> skipped_;
};

/// The combinations of a template's values.
class TemplateTasks {
 public:
  TemplateTasks(TaskTemplate const& tasks, TaskOptions const& options)
      : sources_{tasks, options.keep}, command_{tasks.words, sources_.known(), options.shell} {}

  [[nodiscard]] std::uint64_t count() const { return sources_.count(); }
  [[nodiscard]] Words words(std::uint64_t place, std::uint64_t number) const {
    return command_.fill(number, sources_.values(place));
  }
  [[nodiscard]] std::string arguments(std::uint64_t place) const {
    std::string text;
    for (auto const& value : sources_.values(place)) text += value + " ";
    text.pop_back();
    return text;
  }
  [[nodiscard]] bool is_skipped(std::uint64_t /*place*/) const { return false; }
  [[nodiscard]] bool skips_any() const { return false; }

 private:
  TaskSources sources_;
  CommandTemplate command_;
};

using AnyTasks = std::variant<FileTasks, TemplateTasks>;

struct MakeTasks {
  TaskOptions const& options;

  AnyTasks operator()(TaskFile const& file) const { return FileTasks{file, options}; }
  AnyTasks operator()(TaskTemplate const& tasks) const { return TemplateTasks{tasks, options}; }
};

class TaskSplitter final : public IndexedSplitter {
 public:
  explicit TaskSplitter(std::shared_ptr<TaskList const> tasks) : tasks_{std::move(tasks)} {}
  [[nodiscard]] std::uint64_t count() const override { return tasks_->count(); }
  Payload read(JobId id) override { return tasks_->read(id); }

 private:
  std::shared_ptr<TaskList const> tasks_;
};

}  // namespace

class TaskList::Tasks {
 public:
  explicit Tasks(TaskOptions const& options) : tasks_{std::visit(MakeTasks{options}, options.tasks)} {
    if (options.shuffle_seed) places_ = shuffled(count(), *options.shuffle_seed);
  }

  [[nodiscard]] std::uint64_t count() const {
    return std::visit([](auto const& tasks) { return tasks.count(); }, tasks_);
  }
  [[nodiscard]] Words words(JobId id) const {
    auto const from = place(id);
    return std::visit([&](auto const& tasks) { return tasks.words(from, id.value() + 1); }, tasks_);
  }
  [[nodiscard]] std::string arguments(JobId id) const {
    auto const from = place(id);
    return std::visit([&](auto const& tasks) { return tasks.arguments(from); }, tasks_);
  }
  [[nodiscard]] bool skips_any() const {
    return std::visit([](auto const& tasks) { return tasks.skips_any(); }, tasks_);
  }
  [[nodiscard]] bool is_skipped(JobId id) const {
    auto const from = place(id);
    return std::visit([&](auto const& tasks) { return tasks.is_skipped(from); }, tasks_);
  }

 private:
  [[nodiscard]] std::uint64_t place(JobId id) const {
    BALLAST_EXPECT(id.value() < count());
    return places_.empty() ? id.value() : places_[id.value()];
  }

  AnyTasks tasks_;
  Places places_;  ///< empty: nothing was shuffled
};

TaskList::TaskList(TaskOptions const& options) : tasks_{std::make_unique<Tasks>(options)} {}
TaskList::TaskList(TaskList&&) noexcept = default;
TaskList& TaskList::operator=(TaskList&&) noexcept = default;
TaskList::~TaskList() = default;

std::uint64_t TaskList::count() const { return tasks_->count(); }

Payload TaskList::read(JobId id) const {
  Payload payload;
  for (auto const& word : tasks_->words(id)) payload.append(word).push_back('\0');
  return payload;
}

std::string TaskList::arguments(JobId id) const { return tasks_->arguments(id); }

std::vector<JobSpan> TaskList::skipped() const {
  std::vector<JobSpan> spans;
  if (!tasks_->skips_any()) return spans;
  for (JobId id; id.value() < count(); id = id.next()) {
    if (!tasks_->is_skipped(id)) continue;
    if (!spans.empty() && spans.back().first.value() + spans.back().count == id.value()) {
      ++spans.back().count;
    } else {
      spans.push_back({id, 1});
    }
  }
  return spans;
}

Words words_of_task(std::string_view payload) {
  Words words;
  while (!payload.empty()) {
    words.emplace_back(payload.substr(0, payload.find('\0')));
    payload.remove_prefix(std::min(words.back().size() + 1, payload.size()));
  }
  return words;
}

std::string command_of_task(std::string_view payload, std::string_view shell) {
  auto words = words_of_task(payload);
  if (words.size() == 3 && words[0] == shell && words[1] == "-c") return std::move(words[2]);
  return shell_words(words);
}

Splitter make_task_splitter(std::shared_ptr<TaskList const> tasks) {
  return std::make_unique<TaskSplitter>(std::move(tasks));
}

}  // namespace ballast
