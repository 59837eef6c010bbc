// Child processes: finding and ending all that a process has, also those it never started itself.
#pragma once

#include <sys/types.h>

#include <span>

namespace ballast {

/// Sends SIGKILL to every child of this process's first thread but `spared`, and to the process groups these children
/// lead. A subreaper's children include the orphans of its descendants. Safe in a signal handler.
void kill_children(std::span<pid_t const> spared);

/// Kills and reaps all children, and what they leave behind; gives up on those that are still there after 100 ms.
/// Safe in a signal handler.
void end_children();

}  // namespace ballast
