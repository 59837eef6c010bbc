// One run of the command per job: feed it, listen to it, end it.
#include "solver/command_run.hpp"

#include <poll.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <optional>
#include <system_error>

#include "core/host.hpp"
#include "solver/child_processes.hpp"
#include "solver/program.hpp"

namespace ballast {
namespace {

constexpr int glance_milliseconds = 10;   // how often to look for the end where no descriptor tells of it
constexpr int request_milliseconds = 50;  // how often to look whether the attempt is to stop
constexpr auto between_term_and_kill = std::chrono::milliseconds{500};

constexpr std::array<std::string_view, 5> variables{
    "BALLAST_JOB=", "BALLAST_ATTEMPT=", "BALLAST_NODE=", "BALLAST_SOLVER=", "BALLAST_HOST="};

bool is_ours(std::string_view variable) {
  return std::any_of(variables.begin(), variables.end(), [&](auto name) { return variable.starts_with(name); });
}

/// The conversation with a running command, in one loop: no pipe may fill up while we wait for another.
class CommandRun {
 public:
  CommandRun(SpawnedProgram& program, std::string_view input, StopRequest* stop, SolutionSink& solution)
      : program_{program}, unsent_{input}, stop_{stop}, solution_{solution} {
    if (stop_ != nullptr) stop_->heard = true;
  }

  /// From the first byte to the command's end; then nothing is left in its pipes.
  void finish() {
    feed();
    while (!ended_) converse();
    program_.await_end();
    take_rest(program_.output);
    take_rest(program_.errors);
  }

  /// Bytes of the solution.
  [[nodiscard]] std::uint64_t printed() const { return printed_; }

 private:
  void converse() {
    pollfd sources[]{{program_.input.number(), POLLOUT, 0},
                     {program_.output.number(), POLLIN, 0},
                     {program_.errors.number(), POLLIN, 0},
                     {program_.end.number(), POLLIN, 0}};
    ::poll(sources, std::size(sources), patience());
    ended_ = sources[3].revents != 0 || (!program_.end && program_.has_ended());
    if (ended_) return;
    if (sources[0].revents != 0) feed();
    if (sources[1].revents != 0) listen(program_.output);
    if (sources[2].revents != 0) listen(program_.errors);
    if (stop_ != nullptr && stop_->asked) ask_to_end();
  }

  int patience() const {
    if (!program_.end) return glance_milliseconds;
    return stop_ == nullptr ? -1 : request_milliseconds;
  }

  void ask_to_end() {
    auto const now = Clock::now();
    if (!kill_at_) {
      kill_at_ = now + between_term_and_kill;
      program_.signal_group(SIGTERM);
      program_.signal_group(SIGCONT);  // one that is stopped would not notice
    } else if (now >= *kill_at_) {
      program_.signal_group(SIGKILL);
    }
  }

  void feed() {
    if (!program_.input) return;
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
    if (&pipe == &program_.output) {
      solution_.write(text);
      printed_ += size;
    }
    if (&pipe == &program_.errors) solution_.diagnose(text);
  }

  SpawnedProgram& program_;
  std::string_view unsent_;
  StopRequest* stop_;
  SolutionSink& solution_;
  std::uint64_t printed_{0};
  std::optional<Time> kill_at_;
  bool ended_{false};
  std::array<char, std::size_t{64} << 10> buffer_;
};

SpawnedProgram start(std::vector<std::string> const& words, char* const* environment, ProgramInput from) {
  auto const path = find_program(words.front());
  std::vector<char*> argv;
  for (auto const& word : words) argv.push_back(const_cast<char*>(word.c_str()));  // exec(3) does not write to it
  argv.push_back(nullptr);
  try {
    return SpawnedProgram{path.value_or(words.front()).c_str(), argv.data(), environment, from};
  } catch (std::system_error const& error) {
    throw AttemptFailed{FailureKind::refused, "cannot start " + words.front() + " (" + error.code().message() + ")"};
  }
}

// Only a solver process adopts what its command leaves behind. A rank's children are not ours to end.
void end_adopted_orphans() {
  int adopts = 0;
  ::prctl(PR_GET_CHILD_SUBREAPER, &adopts);
  if (adopts != 0) end_children();
}

std::int64_t nanoseconds_since_1970() {
  auto const now = std::chrono::system_clock::now().time_since_epoch();
  return std::chrono::duration_cast<std::chrono::nanoseconds>(now).count();
}

}  // namespace

CommandEnvironment::CommandEnvironment() : host_{host_name()}, ours_(variables.size()) {
  for (char** variable = environ; *variable != nullptr; ++variable) {
    if (!is_ours(*variable)) pointers_.push_back(*variable);
  }
  pointers_.resize(pointers_.size() + variables.size() + 1, nullptr);
}

char* const* CommandEnvironment::of(AttemptContext const& context) {
  set(0, std::to_string(context.name.job.value()));
  set(1, std::to_string(context.name.attempt.value()));
  set(2, std::to_string(context.node.value()));
  set(3, std::to_string(context.solver.value()));
  set(4, host_);
  return pointers_.data();
}

void CommandEnvironment::set(std::size_t which, std::string const& value) {
  ours_[which].assign(variables[which]).append(value);
  pointers_[pointers_.size() - 1 - variables.size() + which] = ours_[which].data();
}

int run_command(AttemptContext const& context, std::vector<std::string> const& words, CommandInput input,
                char* const* environment, SolutionSink& solution) {
  Account account{.began = nanoseconds_since_1970()};
  auto program = start(words, environment, input.from);
  CommandRun run{program, input.bytes, context.stop, solution};
  run.finish();
  auto const end = program.reap();
  end_adopted_orphans();
  account.cpu = end.cpu;
  account.peak_memory = end.peak_memory;
  account.printed = run.printed();
  account.exit_value = WIFSIGNALED(end.wait_status) ? 0 : WEXITSTATUS(end.wait_status);
  account.signal = WIFSIGNALED(end.wait_status) ? WTERMSIG(end.wait_status) : 0;
  solution.account(account);
  return end.wait_status;
}

}  // namespace ballast
