// The first jobs given up are shown with what they printed; all are counted, and named at the end as far as a line
// goes.
#include "runtime/failure_log.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <sstream>

namespace ballast {
namespace {

constexpr std::uint64_t most_shown = 10;
constexpr std::size_t most_named = 20;
constexpr std::size_t most_kept = 1000;
constexpr std::size_t most_of_a_command = 200;

std::string one_line(std::string_view command) {
  std::string line{command.substr(0, most_of_a_command)};
  std::replace(line.begin(), line.end(), '\n', ' ');
  return line.size() < command.size() ? line + "…" : line;
}

}  // namespace

void FailureLog::printed(JobAttempt name, std::string const& diagnostics) {
  if (verbosity_ != Verbosity::quiet) show(name, diagnostics);
}

void FailureLog::show(JobAttempt name, std::string const& diagnostics) {
  std::istringstream lines{diagnostics};
  std::string labelled;
  for (std::string line; std::getline(lines, line);) labelled += fmt::format("[job {}] {}\n", number(name.job), line);
  if (!labelled.empty()) console_.pass_on(labelled);
}

void FailureLog::retried(NodeId node, Failed const& failed) {
  if (verbosity_ != Verbosity::verbose) return;
  console_.say(fmt::format("job {} failed on rank {} ({}); it is tried again", number(failed.name.job), node.value(),
                           failed.failure.reason));
  show(failed.name, failed.failure.diagnostics);
}

void FailureLog::given_up(NodeId node, std::uint32_t failures, Failed&& failed, std::string_view command,
                          RunReport& report) {
  ++report.given_up_count;
  if (report.given_up_count <= most_shown) {
    console_.say(fmt::format("job {} given up after {} attempt{} ({}, last on rank {}){}", number(failed.name.job),
                             failures, failures == 1 ? "" : "s", failed.failure.reason, node.value(),
                             command.empty() ? "" : ": " + one_line(command)));
    show(failed.name, failed.failure.diagnostics);
  } else if (report.given_up_count == most_shown + 1) {
    console_.say("more jobs are given up; they are counted at the end");
  }
  if (report.given_up.size() < most_kept) report.given_up.push_back({failed.name, failures, std::move(failed.failure)});
}

void FailureLog::stays_given_up(GivenUp&& job, RunReport& report) {
  ++report.given_up_count;
  if (report.given_up.size() < most_kept) report.given_up.push_back(std::move(job));
}

void FailureLog::sum_up(RunReport const& report) {
  if (report.given_up_count == 0) return;
  std::set<JobId> jobs;
  for (auto const& given_up : report.given_up) jobs.insert(given_up.last.job);
  std::string names;
  std::size_t named = 0;
  for (auto job = jobs.begin(); job != jobs.end() && named < most_named; ++job, ++named)
    names += fmt::format(" {}", number(*job));
  if (report.given_up_count > named) names += " …";
  bool const all = report.solved + report.given_up_count == report.jobs;
  console_.say(fmt::format("{} of {} jobs given up (job{}{}){}", report.given_up_count, report.jobs,
                           report.given_up_count == 1 ? "" : "s", names,
                           all ? "; the rest of the result is whole" : ""));
}

}  // namespace ballast
