// Doorbell: how a process wakes another one that has nothing to do. Lives in shared memory.
#pragma once

#include "solver/futex.hpp"

namespace ballast {

/// One process waits at a doorbell, any number ring it. No ring is lost: read count(), look for work, and wait() only
/// with the count read before looking.
class Doorbell {
 public:
  using Count = std::uint32_t;

  [[nodiscard]] Count count() const { return rings_.load(); }

  /// To be called after the work is visible. Costs a system call only when the other side sleeps.
  void ring() {
    rings_.fetch_add(1);
    if (asleep_.load() != 0) futex_wake(rings_);
  }

  /// Sleeps until the bell has been rung since `seen` was read, for `at_most`. May return early.
  void wait(Count seen, Duration at_most) {
    asleep_.store(1);
    futex_wait(rings_, seen, at_most);
    asleep_.store(0);
  }

 private:
  // Sequentially consistent throughout: either the ringer sees `asleep_`, or the sleeper finds `rings_` changed. Only
  // the sleeper writes `asleep_`: a ringer that has been held up would clear it for a later sleep, which then nobody
  // ends.
  FutexWord rings_{0};
  FutexWord asleep_{0};
};

}  // namespace ballast
