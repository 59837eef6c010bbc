// Children as the kernel lists them in /proc.
#include "solver/child_processes.hpp"

#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <ctime>

namespace ballast {
namespace {

int open_list_of_children() {
  std::array<char, 64> path{"/proc/self/task/"};
  char* const end = std::to_chars(path.data() + 16, path.data() + 48, ::getpid()).ptr;
  std::copy_n("/children", 10, end);
  return ::open(path.data(), O_RDONLY | O_CLOEXEC);
}

void kill_with_group(pid_t child) {
  ::kill(-child, SIGKILL);
  ::kill(child, SIGKILL);
}

}  // namespace

void kill_children(std::span<pid_t const> spared) {
  int const list = open_list_of_children();
  if (list < 0) return;
  std::array<char, 1024> text;
  pid_t child = 0;
  for (ssize_t size = 0; (size = ::read(list, text.data(), text.size())) > 0;) {
    for (char const c : std::span{text}.first(static_cast<std::size_t>(size))) {
      if (c != ' ') {
        child = child * 10 + (c - '0');
        continue;
      }
      if (std::find(spared.begin(), spared.end(), child) == spared.end()) kill_with_group(child);
      child = 0;
    }
  }
  ::close(list);
}

void end_children() {
  timespec const pause{.tv_sec = 0, .tv_nsec = 1'000'000};
  for (int patience = 100; patience > 0; --patience) {
    pid_t reaped = 0;
    while ((reaped = ::waitpid(-1, nullptr, WNOHANG)) > 0) {
    }
    if (reaped < 0 && errno == ECHILD) return;
    kill_children({});
    ::nanosleep(&pause, nullptr);
  }
}

}  // namespace ballast
