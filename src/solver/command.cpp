// One run of the command per job: feed it, listen to it, judge it.
#include "ballast/solver/command.hpp"

#include <poll.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <string>
#include <system_error>
#include <utility>

#include "ballast/core/contract.hpp"
#include "solver/child_processes.hpp"
#include "solver/exit_status.hpp"
#include "solver/program.hpp"
#include "solver/spawned_program.hpp"

namespace ballast {
namespace {

constexpr int glance_milliseconds = 10;  // how often to look for the end where no descriptor tells of it

/// The conversation with a running command, in one loop: no pipe may fill up while we wait for another.
class CommandRun {
 public:
  CommandRun(SpawnedProgram& program, std::string_view job, SolutionSink& solution)
      : program_{program}, unsent_{job}, solution_{solution} {}

  /// From the first byte to the command's end; then nothing is left in its pipes.
  void finish() {
    feed();
    while (is_talking()) {
      pollfd sources[]{{program_.input.number(), POLLOUT, 0},
                       {program_.output.number(), POLLIN, 0},
                       {program_.errors.number(), POLLIN, 0},
                       {program_.end.number(), POLLIN, 0}};
      ::poll(sources, std::size(sources), program_.end ? -1 : glance_milliseconds);
      if (sources[3].revents != 0 || (!program_.end && program_.has_ended())) break;
      if (sources[0].revents != 0) feed();
      if (sources[1].revents != 0) listen(program_.output);
      if (sources[2].revents != 0) listen(program_.errors);
    }
    program_.await_end();
    take_rest(program_.output);
    take_rest(program_.errors);
  }

 private:
  bool is_talking() const { return program_.input || program_.output || program_.errors; }

  void feed() {
    while (!unsent_.empty()) {
      auto const size = ::write(program_.input.number(), unsent_.data(), unsent_.size());
      if (size < 0 && errno == EAGAIN) return;
      if (size < 0) break;  // the command does not read any further
      unsent_.remove_prefix(static_cast<std::size_t>(size));
    }
    program_.input.close();
  }

  void listen(Descriptor& pipe) {
    auto const size = ::read(pipe.number(), buffer_.data(), buffer_.size());
    if (size > 0) {
      keep(pipe, static_cast<std::size_t>(size));
    } else if (size == 0 || errno != EAGAIN) {
      pipe.close();
    }
  }

  // As much as there is now: somebody whom the command has left behind may hold the pipe, and write for ever.
  void take_rest(Descriptor& pipe) {
    int rest = 0;
    if (!pipe || ::ioctl(pipe.number(), FIONREAD, &rest) != 0) return;
    while (rest > 0) {
      auto const size = ::read(pipe.number(), buffer_.data(), std::min(buffer_.size(), static_cast<std::size_t>(rest)));
      if (size <= 0) return;
      keep(pipe, static_cast<std::size_t>(size));
      rest -= static_cast<int>(size);
    }
  }

  void keep(Descriptor const& pipe, std::size_t size) {
    std::string_view const text{buffer_.data(), size};
    if (&pipe == &program_.output) solution_.write(text);
    if (&pipe == &program_.errors) solution_.diagnose(text);
  }

  SpawnedProgram& program_;
  std::string_view unsent_;
  SolutionSink& solution_;
  std::array<char, std::size_t{64} << 10> buffer_;
};

SpawnedProgram start(std::vector<std::string> const& words, char* const* environment) {
  auto const path = find_program(words.front());
  std::vector<char*> argv;
  for (auto const& word : words) argv.push_back(const_cast<char*>(word.c_str()));  // exec(3) does not write to it
  argv.push_back(nullptr);
  try {
    return SpawnedProgram{path.value_or(words.front()).c_str(), argv.data(), environment};
  } catch (std::system_error const& error) {
    throw AttemptFailed{FailureKind::refused, "cannot start " + words.front() + " (" + error.code().message() + ")"};
  }
}

void judge(int wait_status, std::set<int> const& accepted) {
  if (WIFSIGNALED(wait_status)) throw AttemptFailed{FailureKind::crashed, describe_exit(wait_status)};
  int const status = WEXITSTATUS(wait_status);
  if (!accepted.contains(status)) throw AttemptFailed{FailureKind::refused, "exit status " + std::to_string(status)};
}

// Only a solver process adopts what its command leaves behind. A rank's children are not ours to end.
void end_adopted_orphans() {
  int adopts = 0;
  ::prctl(PR_GET_CHILD_SUBREAPER, &adopts);
  if (adopts != 0) end_children();
}

std::string host_name() {
  std::array<char, 256> name{};
  ::gethostname(name.data(), name.size() - 1);
  return name.data();
}

}  // namespace

/// This process's environment, and five variables that tell the command which attempt it is.
class CommandSolver::Environment {
 public:
  Environment() {
    for (char** variable = environ; *variable != nullptr; ++variable) {
      if (!is_ours(*variable)) pointers_.push_back(*variable);
    }
    pointers_.resize(pointers_.size() + names.size() + 1, nullptr);
  }

  char* const* of(AttemptContext const& context) {
    set(0, std::to_string(context.name.job.value()));
    set(1, std::to_string(context.name.attempt.value()));
    set(2, std::to_string(context.node.value()));
    set(3, std::to_string(context.solver.value()));
    set(4, host_);
    return pointers_.data();
  }

 private:
  static constexpr std::array<std::string_view, 5> names{
      "BALLAST_JOB=", "BALLAST_ATTEMPT=", "BALLAST_NODE=", "BALLAST_SOLVER=", "BALLAST_HOST="};

  static bool is_ours(std::string_view variable) {
    return std::any_of(names.begin(), names.end(), [&](auto name) { return variable.starts_with(name); });
  }

  void set(std::size_t which, std::string const& value) {
    ours_[which].assign(names[which]).append(value);
    pointers_[pointers_.size() - 1 - names.size() + which] = ours_[which].data();
  }

  std::string host_{host_name()};
  std::array<std::string, names.size()> ours_;
  std::vector<char*> pointers_;  // the inherited ones, ours, the null at the end
};

CommandSolver::CommandSolver(CommandOptions options) : options_{std::move(options)} {
  BALLAST_EXPECT(!options_.argv.empty());
  struct sigaction now {};
  if (::sigaction(SIGPIPE, nullptr, &now) == 0 && now.sa_handler == SIG_DFL) ::signal(SIGPIPE, SIG_IGN);
}

CommandSolver::~CommandSolver() = default;

void CommandSolver::solve(AttemptContext const& context, std::string_view job, SolutionSink& solution) {
  if (!environment_) environment_ = std::make_unique<Environment>();
  auto program = start(options_.argv, environment_->of(context));
  CommandRun{program, job, solution}.finish();
  int const wait_status = program.reap();
  end_adopted_orphans();
  judge(wait_status, options_.accept_status);
}

}  // namespace ballast
