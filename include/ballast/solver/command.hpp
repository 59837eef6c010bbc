// Command solver: an external program that makes the solution of a job's bytes.
#pragma once

#include <memory>
#include <set>
#include <string>
#include <vector>

#include "ballast/core/solver.hpp"

namespace ballast {

class CommandEnvironment;

struct CommandOptions {
  std::vector<std::string> argv;   ///< the program (looked up in PATH) and its arguments; no shell sees them
  std::set<int> accept_status{0};  ///< exit statuses with which what was printed is the solution
};

/// Runs the command once per job: the job is its stdin, its stdout the solution, its stderr is kept with the outcome.
/// It need not read its stdin. Its environment is the solver's with BALLAST_JOB, BALLAST_ATTEMPT, BALLAST_NODE,
/// BALLAST_SOLVER and BALLAST_HOST. A job is over when the command ends, and all that it has started ends with it:
/// its process group, and in a solver process every other child as well.
class CommandSolver final : public Solver {
 public:
  /// Expects a program in `options.argv`. From here on SIGPIPE is ignored, unless the process handles it.
  explicit CommandSolver(CommandOptions options);
  ~CommandSolver() override;

  /// Throws AttemptFailed: `refused` for a status that is not accepted and a program that cannot be started, `crashed`
  /// for a signal.
  void solve(AttemptContext const& context, std::string_view job, SolutionSink& solution) override;

 private:
  CommandOptions options_;
  std::unique_ptr<CommandEnvironment> environment_;  // made for the first job, in the process that runs it
};

/// Runs the command that a job is, with nothing to read; all else is as with CommandSolver. What a failed command has
/// printed is kept (see Remains).
class TaskSolver {
 public:
  TaskSolver();  ///< From here on SIGPIPE is ignored, unless the process handles it.
  ~TaskSolver();

  /// Runs `words`, the program first. Throws AttemptFailed for any end but exit status 0.
  void solve(AttemptContext const& context, std::vector<std::string> const& words, SolutionSink& solution);

 private:
  std::unique_ptr<CommandEnvironment> environment_;
};

/// Throws InputOutputError when this node has no such program: in PATH, or where its path says.
void require_program(std::string const& program);

}  // namespace ballast
