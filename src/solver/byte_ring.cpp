// Copying into and out of a ring, in at most two parts.
#include "solver/byte_ring.hpp"

#include <algorithm>

namespace ballast {

std::size_t ByteRing::filled() const {
  // The reader's count first: what is written meanwhile can only make the ring look fuller, not overfull.
  auto const read = read_.load(std::memory_order_acquire);
  auto const filled = written_.load(std::memory_order_acquire) - read;
  if (filled > capacity) throw TornChannel{};
  return filled;
}

std::size_t ByteRing::write(std::string_view bytes) {
  auto const size = std::min(capacity - filled(), bytes.size());
  auto const written = written_.load(std::memory_order_relaxed);
  auto const at = written % capacity;
  auto const before_end = std::min(size, capacity - at);
  std::copy_n(bytes.data(), before_end, bytes_.data() + at);
  std::copy_n(bytes.data() + before_end, size - before_end, bytes_.data());
  written_.store(written + size, std::memory_order_release);
  return size;
}

std::size_t ByteRing::read(std::span<char> into) {
  auto const size = std::min(filled(), into.size());
  auto const read = read_.load(std::memory_order_relaxed);
  auto const at = read % capacity;
  auto const before_end = std::min(size, capacity - at);
  std::copy_n(bytes_.data() + at, before_end, into.data());
  std::copy_n(bytes_.data(), size - before_end, into.data() + before_end);
  read_.store(read + size, std::memory_order_release);
  return size;
}

}  // namespace ballast
