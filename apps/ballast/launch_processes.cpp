// Only descendants are ever killed: they are found from parent to child in /proc.
#include "launch_processes.hpp"

#include <fcntl.h>
#include <fmt/core.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <thread>

#include <ballast/core/error.hpp>

namespace app {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;

std::vector<pid_t> children_of(pid_t parent) {
  std::vector<pid_t> children;
  std::error_code error;
  for (auto const& task : fs::directory_iterator{fmt::format("/proc/{}/task", parent), error}) {
    std::ifstream list{task.path() / "children"};
    for (pid_t child{}; list >> child;) children.push_back(child);
  }
  return children;
}

bool runs_this_program(pid_t process) {
  std::error_code error;
  return fs::equivalent(fmt::format("/proc/{}/exe", process), "/proc/self/exe", error) && !error;
}

/// Its errno goes into the pipe if it cannot be executed; the pipe closes if it can.
[[noreturn]] void become_launcher(std::vector<std::string> const& command, pid_t parent, int failure) {
  ::setsid();
  // mpirun passes it on, and ends in order after the last rank. SIGTERM it would keep to itself for a long time (see
  // launch_plan.cpp).
  ::prctl(PR_SET_PDEATHSIG, SIGUSR1);
  if (::getppid() != parent) ::_exit(1);
  sigset_t none;
  ::sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
  int const nothing = ::open("/dev/null", O_RDONLY);
  if (nothing > STDIN_FILENO) ::dup2(nothing, STDIN_FILENO);
  std::vector<char*> words;
  for (auto const& word : command) words.push_back(const_cast<char*>(word.c_str()));
  words.push_back(nullptr);
  ::execvp(words.front(), words.data());
  int const error = errno;
  static_cast<void>(::write(failure, &error, sizeof error) + 0);
  ::_exit(127);
}

/// NAME's value in the environment of another process of ours.
std::string variable_of(pid_t process, std::string const& name) {
  std::ifstream environment{fmt::format("/proc/{}/environ", process)};
  for (std::string variable; std::getline(environment, variable, '\0');)
    if (variable.starts_with(name + "=")) return variable.substr(name.size() + 1);
  return {};
}

}  // namespace

pid_t start_launcher(std::vector<std::string> const& command) {
  ::prctl(PR_SET_CHILD_SUBREAPER, 1);
  std::array<int, 2> failure{};
  pid_t const parent = ::getpid();
  pid_t const launcher = ::pipe2(failure.data(), O_CLOEXEC) == 0 ? ::fork() : -1;
  if (launcher == 0) become_launcher(command, parent, failure[1]);
  int error = errno;
  if (launcher > 0) {
    ::close(failure[1]);
    if (::read(failure[0], &error, sizeof error) != sizeof error) error = 0;
    ::close(failure[0]);
  }
  if (launcher > 0 && error == 0) return launcher;
  throw ballast::EngineError{fmt::format("cannot start {}", command.front()), std::strerror(error),
                             "install Open MPI, or put it into PATH"};
}

void kill_ranks(pid_t launcher) {
  for (auto const child : children_of(launcher))
    if (runs_this_program(child)) ::kill(child, SIGKILL);
}

void end_descendants() {
  for (auto const deadline = std::chrono::steady_clock::now() + 2s; std::chrono::steady_clock::now() < deadline;) {
    pid_t reaped = 0;
    while ((reaped = ::waitpid(-1, nullptr, WNOHANG)) > 0) {
    }
    if (reaped < 0 && errno == ECHILD) return;
    for (auto const child : children_of(::getpid())) ::kill(child, SIGKILL);
    std::this_thread::sleep_for(2ms);
  }
}

LaunchDebris::LaunchDebris(pid_t rank)
    : session_{variable_of(rank, "PMIX_SERVER_TMPDIR")}, job_{variable_of(rank, "OMPI_MCA_ess_base_jobid")} {}

void LaunchDebris::clear() const {
  std::error_code ignored;
  if (!session_.empty() && session_.parent_path().filename().string().starts_with("ompi.")) {
    fs::remove_all(session_, ignored);
    fs::remove(session_.parent_path(), ignored);  // if no other job is in it
  }
  if (job_.empty()) return;
  auto const infix = fmt::format(".{:x}.", std::strtoul(job_.c_str(), nullptr, 10));
  for (auto const& entry : fs::directory_iterator{"/dev/shm", ignored}) {
    auto const name = entry.path().filename().string();
    if (name.starts_with("vader_segment.") && name.find(infix) != std::string::npos) fs::remove(entry, ignored);
  }
}

}  // namespace app
