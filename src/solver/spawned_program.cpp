// Starting a program by vfork and exec, by hand: posix_spawn has no way to make it die with its parent.
#include "solver/spawned_program.hpp"

#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>
#include <utility>

#include "solver/process_setup.hpp"

namespace ballast {
namespace {

[[noreturn]] void refuse(int error) { throw std::system_error{error, std::generic_category()}; }

// The child moves its ends to 0, 1 and 2, so they must not be there before; they would be if this process had closed
// its own.
Descriptor above_standard(Descriptor end) {
  if (end.number() > STDERR_FILENO) return end;
  Descriptor moved{::fcntl(end.number(), F_DUPFD_CLOEXEC, STDERR_FILENO + 1)};
  if (!moved) refuse(errno);
  return moved;
}

struct Pipe {
  Descriptor read;
  Descriptor write;
};

Pipe make_pipe() {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) refuse(errno);
  Descriptor first{ends[0]};
  Descriptor second{ends[1]};
  return {above_standard(std::move(first)), above_standard(std::move(second))};
}

Pipe make_input(ProgramInput from) {
  if (from == ProgramInput::pipe) return make_pipe();
  Descriptor nothing{::open("/dev/null", O_RDONLY | O_CLOEXEC)};
  if (!nothing) refuse(errno);
  return {above_standard(std::move(nothing)), {}};
}

Descriptor without_blocking(Descriptor end) {
  ::fcntl(end.number(), F_SETFL, O_NONBLOCK);
  return end;
}

struct Birth {
  char const* path;
  char* const* argv;
  char* const* environment;
  int standard[3];  // what becomes 0, 1 and 2
  pid_t parent;
  int error;  // why there is no program, for the parent, in whose memory the child runs until then
};

[[noreturn]] void become_program(Birth& birth) {
  ::setpgid(0, 0);
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (::getppid() != birth.parent) ::_exit(1);
  for (int target = 0; target < 3; ++target) ::dup2(birth.standard[target], target);
  ::syscall(SYS_close_range, STDERR_FILENO + 1, ~0U, 0);  // what others have left inheritable
  for (int signal = 1; signal < NSIG; ++signal) ::signal(signal, SIG_DFL);
  ::signal(SIGUSR1, SIG_IGN);
  sigset_t none;
  ::sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
  ::execve(birth.path, birth.argv, birth.environment);
  birth.error = errno;
  ::_exit(1);
}

// Nothing but the child runs in this thread before it has become the program, or has failed to.
[[gnu::noinline]] pid_t bear(Birth& birth) {
  pid_t const child = ::vfork();
  if (child == 0) become_program(birth);
  if (child < 0) birth.error = errno;
  return child;
}

}  // namespace

SpawnedProgram::SpawnedProgram(char const* path, char* const* argv, char* const* environment, ProgramInput from) {
  auto in = make_input(from);
  auto out = make_pipe();
  auto err = make_pipe();
  Birth birth{path, argv, environment, {in.read.number(), out.write.number(), err.write.number()}, ::getpid(), 0};
  {
    SignalsBlocked const until_the_child_has_its_own;
    process_ = bear(birth);
  }
  if (birth.error != 0) {
    if (process_ > 0) ::waitpid(process_, nullptr, 0);
    refuse(birth.error);
  }
  if (in.write) input = without_blocking(std::move(in.write));
  output = without_blocking(std::move(out.read));
  errors = without_blocking(std::move(err.read));
  end = Descriptor{static_cast<int>(::syscall(SYS_pidfd_open, process_, 0))};
}

SpawnedProgram::~SpawnedProgram() {
  if (process_ == 0) return;
  ::kill(-process_, SIGKILL);
  ::waitpid(process_, nullptr, 0);
}

bool SpawnedProgram::has_ended() const {
  siginfo_t ended{};
  return ::waitid(P_PID, static_cast<id_t>(process_), &ended, WEXITED | WNOWAIT | WNOHANG) != 0 || ended.si_pid != 0;
}

void SpawnedProgram::await_end() const {
  siginfo_t ended;
  while (::waitid(P_PID, static_cast<id_t>(process_), &ended, WEXITED | WNOWAIT) != 0 && errno == EINTR) {
  }
}

void SpawnedProgram::signal_group(int signal) const { ::kill(-process_, signal); }

// The group's number is this program's until it is reaped: the signal cannot hit anybody else.
ProgramEnd SpawnedProgram::reap() {
  pid_t const process = std::exchange(process_, 0);
  ::kill(-process, SIGKILL);
  int wait_status = 0;
  rusage used{};
  while (::wait4(process, &wait_status, 0, &used) < 0) {
    if (errno != EINTR) refuse(errno);
  }
  using std::chrono::microseconds, std::chrono::seconds;
  auto const time = [](timeval const& spent) { return Duration{seconds{spent.tv_sec}} + microseconds{spent.tv_usec}; };
  return {wait_status, time(used.ru_utime) + time(used.ru_stime), static_cast<std::uint64_t>(used.ru_maxrss) * 1024};
}

}  // namespace ballast
