// Futex: the kernel's wait-and-wake on one word that several processes share.
#pragma once

#include <atomic>
#include <cstdint>

#include "ballast/core/clock.hpp"

namespace ballast {

using FutexWord = std::atomic<std::uint32_t>;
static_assert(FutexWord::is_always_lock_free && sizeof(FutexWord) == sizeof(std::uint32_t));

/// Sleeps while `word` is `expected`, for `at_most`. May return early.
void futex_wait(FutexWord& word, std::uint32_t expected, Duration at_most);

/// Wakes the process that sleeps on `word`, if there is one.
void futex_wake(FutexWord& word);

}  // namespace ballast
