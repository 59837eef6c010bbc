// Kernels: the innermost loops, compiled once for each instruction level and chosen when the program runs.
#pragma once

#include <cstddef>
#include <cstdint>

#include "ballast/core/instruction_level.hpp"

namespace ballast {

/// What hnswlib calls: two vectors and a pointer to their dimension. Cosine finds 1/‖v‖ behind the components.
using NearDistance = float (*)(void const* a, void const* b, void const* dimension);

struct Kernels {
  /// Sums in double over 16 lanes (component i in lane i mod 16), joined as a tree, without fused multiply-adds: the
  /// same bits at every level.
  double (*squared_difference)(float const* a, float const* b, std::size_t dimension);
  double (*dot)(float const* a, float const* b, std::size_t dimension);

  /// scores[i] = shift[i] − factor[i]·dots[i]; writes those that are not above `limit` (or not a number), with their
  /// positions. Returns how many.
  std::size_t (*keep_low)(float const* dots, float const* shift, float const* factor, std::size_t count, float limit,
                          float* scores, std::uint32_t* positions);

  /// In single precision, as fast as the level allows: their bits differ from level to level.
  NearDistance near_l2;
  NearDistance near_inner_product;
  NearDistance near_cosine;
};

/// Breaks its contract if this processor has not got that level.
[[nodiscard]] Kernels const& kernels_of(InstructionLevel level);

namespace generic {
extern Kernels const kernels;
}
namespace avx2 {
extern Kernels const kernels;
}
namespace avx512 {
extern Kernels const kernels;
}

}  // namespace ballast
