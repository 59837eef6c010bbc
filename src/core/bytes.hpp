// Bytes: numbers and strings written to, and read from, one buffer; little-endian, no alignment, nothing implied.
#pragma once

#include <bit>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <type_traits>

#include "ballast/core/error.hpp"

namespace ballast {

static_assert(std::endian::native == std::endian::little, "the wire is little-endian");

class ByteWriter {
 public:
  template <class T>
  requires std::is_arithmetic_v<T>
  void number(T value) {
    char raw[sizeof value];
    std::memcpy(raw, &value, sizeof value);
    bytes_.append(raw, sizeof value);
  }
  void text(std::string_view value) {
    number(static_cast<std::uint64_t>(value.size()));
    bytes_.append(value);
  }
  [[nodiscard]] std::string take() { return std::move(bytes_); }

 private:
  std::string bytes_;
};

/// Throws EngineError at the first byte that is missing; a length is believed only if that many bytes are there.
class ByteReader {
 public:
  explicit ByteReader(std::string_view bytes) : rest_{bytes} {}

  template <class T>
  requires std::is_arithmetic_v<T>
  [[nodiscard]] T number() {
    T value;
    auto const raw = cut(sizeof value);
    std::memcpy(&value, raw.data(), sizeof value);
    return value;
  }
  [[nodiscard]] std::string text() {
    auto const size = number<std::uint64_t>();
    return std::string{cut(size)};
  }
  [[nodiscard]] bool at_end() const { return rest_.empty(); }

 private:
  std::string_view cut(std::uint64_t size) {
    if (size > rest_.size())
      throw EngineError{"something that was written ends too early", "it was damaged or is not ours", ""};
    auto const front = rest_.substr(0, size);
    rest_.remove_prefix(size);
    return front;
  }

  std::string_view rest_;
};

}  // namespace ballast
