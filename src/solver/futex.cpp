// The futex system call, in its form for memory that is shared between processes.
#include "solver/futex.hpp"

#include <linux/futex.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <ctime>

namespace ballast {

void futex_wait(FutexWord& word, std::uint32_t expected, Duration at_most) {
  auto const seconds = std::chrono::duration_cast<std::chrono::seconds>(at_most);
  timespec const timeout{.tv_sec = seconds.count(), .tv_nsec = (at_most - seconds).count()};
  ::syscall(SYS_futex, &word, FUTEX_WAIT, expected, &timeout, nullptr, 0);
}

void futex_wake(FutexWord& word) { ::syscall(SYS_futex, &word, FUTEX_WAKE, 1, nullptr, nullptr, 0); }

}  // namespace ballast
