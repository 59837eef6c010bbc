// flock(2), which ends with the process however that ends.
#include "core/file_lock.hpp"

#include <sys/file.h>

#include <cerrno>
#include <chrono>
#include <thread>

namespace ballast {

constexpr auto patience = std::chrono::seconds{1};
constexpr auto between_tries = std::chrono::milliseconds{20};

bool lock_file(Descriptor const& opened) {
  auto const began = std::chrono::steady_clock::now();
  while (::flock(opened.number(), LOCK_EX | LOCK_NB) != 0) {
    if (errno == EINTR) continue;
    if (errno != EWOULDBLOCK) return true;
    if (std::chrono::steady_clock::now() - began > patience) return false;
    std::this_thread::sleep_for(between_tries);
  }
  return true;
}

}  // namespace ballast
