// Signals, session and descriptors of forked processes.
#include "solver/process_setup.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <vector>

namespace ballast {
namespace {

bool is_file(int descriptor) {
  struct stat status {};
  return ::fstat(descriptor, &status) == 0 && (S_ISREG(status.st_mode) || S_ISDIR(status.st_mode));
}

std::vector<int> open_descriptors() {
  std::vector<int> open;
  DIR* const list = ::opendir("/proc/self/fd");
  if (list == nullptr) return open;
  while (dirent const* const entry = ::readdir(list)) {
    if (entry->d_name[0] != '.') open.push_back(std::atoi(entry->d_name));
  }
  ::closedir(list);
  return open;
}

}  // namespace

SignalsBlocked::SignalsBlocked() {
  sigset_t all;
  ::sigfillset(&all);
  ::pthread_sigmask(SIG_SETMASK, &all, &before_);
}

SignalsBlocked::~SignalsBlocked() { ::pthread_sigmask(SIG_SETMASK, &before_, nullptr); }

void reset_signals() {
  for (int signal = 1; signal < NSIG; ++signal) ::signal(signal, SIG_DFL);
  for (int const signal : {SIGINT, SIGHUP, SIGUSR1, SIGUSR2, SIGPIPE}) ::signal(signal, SIG_IGN);
}

void become_independent(pid_t parent, char const* name) {
  ::setsid();
  ::prctl(PR_SET_NAME, name);
  ::prctl(PR_SET_CHILD_SUBREAPER, 1);
  ::prctl(PR_SET_PDEATHSIG, SIGTERM);
  if (::getppid() != parent) ::_exit(1);
}

void close_inherited(int kept) {
  for (int const descriptor : open_descriptors()) {
    if (descriptor > STDERR_FILENO && descriptor != kept && !is_file(descriptor)) ::close(descriptor);
  }
  int const nothing = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
  if (nothing < 0 || nothing == STDIN_FILENO) return;
  ::dup2(nothing, STDIN_FILENO);
  ::close(nothing);
}

}  // namespace ballast
