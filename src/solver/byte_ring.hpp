// Byte ring: bytes from one process to one other, in order. Lives in shared memory and never blocks.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <span>
#include <stdexcept>
#include <string_view>

namespace ballast {

/// The memory shared with a solver holds what only user code gone astray can have written there.
class TornChannel : public std::runtime_error {
 public:
  TornChannel() : std::runtime_error{"overwrote the memory that it shares with its agent"} {}
};

/// Safe for one writing and one reading process. What is larger than the ring passes through it in parts.
class ByteRing {
 public:
  static constexpr std::size_t capacity = std::size_t{256} << 10;

  /// Takes as many of these bytes as there is room for, from the front, and says how many. Throws TornChannel.
  [[nodiscard]] std::size_t write(std::string_view bytes);
  /// Fills `into` from the front with what is there, and says how far. Throws TornChannel.
  [[nodiscard]] std::size_t read(std::span<char> into);

  [[nodiscard]] bool empty() const { return filled() == 0; }

 private:
  [[nodiscard]] std::size_t filled() const;

  using Count = std::atomic<std::uint64_t>;
  static_assert(Count::is_always_lock_free);
  static_assert((capacity & (capacity - 1)) == 0, "positions are taken modulo the capacity");

  alignas(64) Count written_{0};  // since the beginning; only the writer changes it
  alignas(64) Count read_{0};     // likewise the reader's
  alignas(64) std::array<char, capacity> bytes_;
};

}  // namespace ballast
