// Aligned floats: an array that begins at a cache line, and is as long as whole lines.
#pragma once

#include <cstddef>
#include <vector>

#include "learn/kernels.hpp"

namespace ballast::learn {

/// `count`, up to the next multiple of a line's floats.
constexpr std::size_t whole_lines(std::size_t count) { return (count + lane_count - 1) / lane_count * lane_count; }

class AlignedFloats {
 public:
  /// All 0.
  explicit AlignedFloats(std::size_t count = 0) : lines_(whole_lines(count) / lane_count) {}

  [[nodiscard]] float* data() { return lines_.empty() ? nullptr : lines_.front().floats; }
  [[nodiscard]] float const* data() const { return lines_.empty() ? nullptr : lines_.front().floats; }
  [[nodiscard]] std::size_t size() const { return lines_.size() * lane_count; }

 private:
  struct alignas(lane_count * sizeof(float)) Line {
    float floats[lane_count] = {};
  };
  std::vector<Line> lines_;
};

}  // namespace ballast::learn
