// The two ways in which a process can end.
#include "solver/exit_status.hpp"

#include <sys/wait.h>

#include <cstring>

namespace ballast {

std::string describe_exit(int wait_status) {
  if (!WIFSIGNALED(wait_status)) return "exited with status " + std::to_string(WEXITSTATUS(wait_status));
  int const signal = WTERMSIG(wait_status);
  return "killed by signal " + std::to_string(signal) + " (" + ::strsignal(signal) + ")";
}

}  // namespace ballast
