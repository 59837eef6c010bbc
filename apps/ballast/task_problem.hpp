// Task problem: commands as jobs, with their outputs joined and their ends logged.
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <ballast/monitor/job_log.hpp>
#include <ballast/problem/problem.hpp>
#include <ballast/problem/task_list.hpp>
#include <ballast/solver/command.hpp>

namespace app {

/// Where the outputs go.
struct TaskOutput {
  std::optional<std::filesystem::path> file;  ///< none: standard output
  std::filesystem::path folder;               ///< empty: they are joined; else a file for each
  ballast::JoinOrder order{};
  enum class Tags { off, on } tags{};
};

/// What is written of jobs that have ended, and what is known of earlier ones.
struct TaskLog {
  std::string file;  ///< empty: none
  ballast::JobLog::Mode mode{};
  std::optional<ballast::Again> resume;  ///< go by this log
  std::string learn_from;                ///< log of an earlier run; empty: `file`, if it is there
};

class TaskProblem final : public ballast::Problem {
 public:
  TaskProblem(ballast::TaskOptions tasks, TaskOutput output, TaskLog log)
      : options_{std::move(tasks)}, output_{std::move(output)}, log_{std::move(log)} {}

  [[nodiscard]] std::string identity() const override;
  [[nodiscard]] ballast::ByHand by_hand(std::string_view job) const override;
  [[nodiscard]] std::string kept_in() const override;
  [[nodiscard]] std::uint64_t first_number() const override { return 1; }
  void prepare() override;
  [[nodiscard]] std::vector<double> costs() override;
  [[nodiscard]] std::vector<ballast::JobSpan> skipped() override;
  [[nodiscard]] ballast::Splitter split() override;
  [[nodiscard]] std::unique_ptr<ballast::Joiner> join() override;
  void solve(ballast::AttemptContext const& context, std::string_view job, ballast::SolutionSink& solution) override;
  void ended(ballast::JobOutcome const& job) override;

 private:
  /// Throws UsageError if the log's lines are not of these tasks in this order.
  void check_order(std::vector<ballast::JobLogLine> const& lines) const;

  ballast::TaskOptions options_;
  TaskOutput output_;
  TaskLog log_;
  std::shared_ptr<ballast::TaskList const> tasks_;  // on the Main Node
  std::vector<ballast::JobLogLine> earlier_;
  std::vector<ballast::JobSpan> finished_;  // by what the log says
  std::optional<ballast::JobLog> job_log_;
  ballast::TaskSolver solver_;
};

}  // namespace app
