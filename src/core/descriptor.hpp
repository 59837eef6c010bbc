// Descriptor: an open file that is closed with its owner, and whole reads and writes on it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <utility>

namespace ballast {

/// Owns a file descriptor, or none. Reads and writes go on after interruptions and short counts, wait where a
/// descriptor does not block, and throw std::system_error.
class Descriptor {
 public:
  Descriptor() = default;
  explicit Descriptor(int number) : number_{number} {}
  Descriptor(Descriptor&& other) noexcept : number_{std::exchange(other.number_, -1)} {}
  Descriptor& operator=(Descriptor&& other) noexcept;
  ~Descriptor() { close(); }

  /// Negative when there is none, which poll(2) passes over.
  [[nodiscard]] int number() const { return number_; }
  explicit operator bool() const { return number_ >= 0; }
  void close();

 private:
  int number_ = -1;
};

/// Reads what is there, `size` at most; 0 is the end of the input.
[[nodiscard]] std::size_t read_some(int descriptor, char* into, std::size_t size);
/// Reads `size` bytes at an offset; fewer only if the file ends there.
[[nodiscard]] std::size_t read_at(int descriptor, std::uint64_t offset, char* into, std::size_t size);
void write_all(int descriptor, std::string_view bytes);
void write_at(int descriptor, std::uint64_t offset, std::string_view bytes);

/// While one lives, a wait for input ends when a signal has come and `when` holds: read_some() throws EINTR. One at a
/// time, in a process without other threads that read.
class GiveUpReading {
 public:
  explicit GiveUpReading(bool (*when)());
  ~GiveUpReading();
  GiveUpReading(GiveUpReading const&) = delete;
  GiveUpReading& operator=(GiveUpReading const&) = delete;
};

}  // namespace ballast
