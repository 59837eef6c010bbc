// A command's end, judged.
#include "ballast/solver/command.hpp"

#include <signal.h>
#include <sys/wait.h>

#include <string>
#include <utility>

#include "ballast/core/contract.hpp"
#include "solver/command_run.hpp"
#include "solver/exit_status.hpp"

namespace ballast {
namespace {

void judge(int wait_status, std::set<int> const& accepted, Remains remains) {
  if (WIFSIGNALED(wait_status)) throw AttemptFailed{FailureKind::crashed, describe_exit(wait_status), remains};
  int const status = WEXITSTATUS(wait_status);
  if (!accepted.contains(status))
    throw AttemptFailed{FailureKind::refused, "exit status " + std::to_string(status), remains};
}

void ignore_broken_pipes() {
  struct sigaction now {};
  if (::sigaction(SIGPIPE, nullptr, &now) == 0 && now.sa_handler == SIG_DFL) ::signal(SIGPIPE, SIG_IGN);
}

}  // namespace

CommandSolver::CommandSolver(CommandOptions options) : options_{std::move(options)} {
  BALLAST_EXPECT(!options_.argv.empty());
  ignore_broken_pipes();
}

CommandSolver::~CommandSolver() = default;

void CommandSolver::solve(AttemptContext const& context, std::string_view job, SolutionSink& solution) {
  if (!environment_) environment_ = std::make_unique<CommandEnvironment>();
  auto const status =
      run_command(context, options_.argv, {ProgramInput::pipe, job}, environment_->of(context), solution);
  judge(status, options_.accept_status, Remains::dropped);
}

TaskSolver::TaskSolver() { ignore_broken_pipes(); }
TaskSolver::~TaskSolver() = default;

void TaskSolver::solve(AttemptContext const& context, std::vector<std::string> const& words, SolutionSink& solution) {
  if (!environment_) environment_ = std::make_unique<CommandEnvironment>();
  auto const status = run_command(context, words, {ProgramInput::nothing}, environment_->of(context), solution);
  judge(status, {0}, Remains::kept);
}

}  // namespace ballast
