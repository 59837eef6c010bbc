// The Main Node reads the tasks and keeps the log; the computing nodes see one command at a time.
#include "task_problem.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <csignal>
#include <fstream>
#include <nlohmann/json.hpp>

#include <ballast/core/error.hpp>
#include <ballast/problem/file_joiner.hpp>

#include "task_joiners.hpp"

namespace app {
namespace {

bool is_known(std::string const& file) {
  std::error_code error;
  return std::filesystem::is_regular_file(file, error) && std::filesystem::file_size(file, error) > 0;
}

/// What an earlier run has printed: a job log keeps no outputs.
void copy(std::string const& file, ballast::Joiner& joiner) {
  std::ifstream from{file, std::ios::binary};
  std::string piece(std::size_t{1} << 20, '\0');
  while (from.read(piece.data(), static_cast<std::streamsize>(piece.size())) || from.gcount() > 0)
    joiner.write(ballast::JobId{0}, std::string_view{piece}.substr(0, static_cast<std::size_t>(from.gcount())));
}

/// A program that all tasks start with, if they do.
std::string common_program(ballast::TaskOptions const& options) {
  auto const* const tasks = std::get_if<ballast::TaskTemplate>(&options.tasks);
  if (tasks == nullptr || tasks->words.size() < 2) return options.shell;
  auto const& program = tasks->words.front();
  return program.find('{') == std::string::npos ? program : std::string{};
}

/// As a job log names it.
std::string host_column(std::string_view host) {
  static auto const here = [] {
    std::array<char, 256> name{};
    ::gethostname(name.data(), name.size() - 1);
    return std::string{name.data()};
  }();
  return host == here ? ":" : std::string{host};
}

ballast::LoggedJob logged(ballast::JobOutcome const& job) {
  ballast::LoggedJob line;
  line.seq = job.name.job.value() + 1;
  line.host = host_column(job.host);
  line.node = job.node.value();
  line.attempt = job.name.attempt.value();
  line.runtime = job.runtime;
  if (job.failure != nullptr) line.failure = job.failure->reason;
  if (job.account) {
    line.start = std::chrono::nanoseconds{job.account->began};
    line.received = job.account->printed;
    line.exit_value = job.account->exit_value;
    line.signal = job.account->signal;
    line.cpu = job.account->cpu;
    line.peak_memory = job.account->peak_memory;
  } else {  // whoever could tell is dead
    line.start = std::chrono::system_clock::now().time_since_epoch() - job.runtime;
    line.exit_value = -1;
    line.signal = job.failure != nullptr && job.failure->kind == ballast::FailureKind::timed_out ? SIGTERM : SIGKILL;
  }
  return line;
}

}  // namespace

std::string TaskProblem::identity() const {
  nlohmann::ordered_json const facts{{"subcommand", "run"}, {"tasks", ballast::identity(options_)}};
  return facts.dump();
}

ballast::ByHand TaskProblem::by_hand(std::string_view job) const {
  return {ballast::command_of_task(job, options_.shell), ballast::ByHand::Input::none};
}

std::string TaskProblem::kept_in() const { return log_.file.empty() ? "" : "the job log " + log_.file; }

void TaskProblem::prepare() {
  if (auto const program = common_program(options_); !program.empty()) ballast::require_program(program);
}

ballast::Splitter TaskProblem::split() {
  tasks_ = std::make_shared<ballast::TaskList const>(options_);
  if (!log_.file.empty()) job_log_.emplace(log_.file);  // before it is read: what it says stays true
  if (!log_.learn_from.empty() || is_known(log_.file))
    earlier_ = ballast::read_job_log_lines(log_.learn_from.empty() ? log_.file : log_.learn_from);
  if (log_.resume && is_known(log_.file)) {
    auto const lines = ballast::read_job_log_lines(log_.file);
    if (options_.shuffle_seed) check_order(lines);
    finished_ = ballast::finished_seqs(lines, *log_.resume);
  }
  if (job_log_) job_log_->begin(log_.mode);
  return ballast::make_task_splitter(tasks_);
}

// Another task, or another seed, and all have other places.
void TaskProblem::check_order(std::vector<ballast::JobLogLine> const& lines) const {
  for (auto const& line : lines) {
    if (line.seq == 0 || line.seq > tasks_->count()) continue;
    auto const command = ballast::command_of_task(tasks_->read(ballast::JobId{line.seq - 1}), options_.shell);
    if (command != line.command)
      throw ballast::UsageError{"the job log " + log_.file + " is of tasks in another order",
                                fmt::format("task {} is `{}`, and was `{}`", line.seq, command, line.command),
                                "give the same tasks and --seed, or leave out --shuffle and give another --joblog"};
  }
}

std::vector<double> TaskProblem::costs() {
  ballast::EarlierTimes const times{std::exchange(earlier_, {})};
  std::vector<double> costs(tasks_->count());
  if (costs.empty() || times.of("") <= 0) return {};
  for (std::uint64_t id = 0; id < costs.size(); ++id)
    costs[id] = times.of(ballast::command_of_task(tasks_->read(ballast::JobId{id}), options_.shell));
  bool const differ = std::adjacent_find(costs.begin(), costs.end(), std::not_equal_to<>{}) != costs.end();
  return differ ? costs : std::vector<double>{};
}

std::vector<ballast::JobSpan> TaskProblem::skipped() {
  auto spans = tasks_->skipped();
  for (auto const& span : std::exchange(finished_, {}))
    if (span.first.value() < tasks_->count())
      spans.push_back({span.first, std::min(span.count, tasks_->count() - span.first.value())});
  std::sort(spans.begin(), spans.end(), [](auto const& a, auto const& b) { return a.first < b.first; });
  return spans;
}

std::unique_ptr<ballast::Joiner> TaskProblem::join() {
  if (!output_.folder.empty()) return make_folder_joiner(output_.folder);
  auto joiner = ballast::make_file_joiner(output_.file, output_.order);
  if (!finished_.empty() && output_.file && is_known(output_.file->string())) copy(output_.file->string(), *joiner);
  if (output_.tags == TaskOutput::Tags::off) return joiner;
  return make_tagging_joiner(std::move(joiner), [tasks = tasks_](ballast::JobId job) { return tasks->arguments(job); });
}

void TaskProblem::solve(ballast::AttemptContext const& context, std::string_view job, ballast::SolutionSink& solution) {
  solver_.solve(context, ballast::words_of_task(job), solution);
}

void TaskProblem::ended(ballast::JobOutcome const& job) {
  if (!output_.folder.empty()) write_output(output_file(output_.folder, job.name.job, "stderr"), job.diagnostics);
  if (!job_log_) return;
  auto line = logged(job);
  line.command = ballast::command_of_task(tasks_->read(job.name.job), options_.shell);
  job_log_->write(line);
}

}  // namespace app
