// Exit status: how a process has ended, in words.
#pragma once

#include <string>

namespace ballast {

/// `killed by signal 9 (Killed)` or `exited with status 3`, for a status as waitpid(2) gives it.
[[nodiscard]] std::string describe_exit(int wait_status);

}  // namespace ballast
