// Distance: what two vectors are apart, in double until the last step.
#pragma once

#include <algorithm>
#include <cmath>

#include "ballast/search/metric.hpp"
#include "search/kernels.hpp"

namespace ballast {

/// 1 − cos, from an inner product and two squared norms. Never negative, so that a vector is at 0 from itself.
[[nodiscard]] inline float cosine_distance(double dot, double square_of_a, double square_of_b) {
  auto const squares = square_of_a * square_of_b;
  return squares == 0 ? 1.0F : static_cast<float>(std::max(0.0, 1 - dot / std::sqrt(squares)));
}

[[nodiscard]] inline float measured(Kernels const& kernels, Metric metric, float const* a, float const* b,
                                    std::size_t dimension) {
  switch (metric) {
    case Metric::l2:
      return static_cast<float>(kernels.squared_difference(a, b, dimension));
    case Metric::inner_product:
      return 0.0F - static_cast<float>(kernels.dot(a, b, dimension));  // never −0
    case Metric::cosine:
      break;
  }
  return cosine_distance(kernels.dot(a, b, dimension), kernels.dot(a, a, dimension), kernels.dot(b, b, dimension));
}

}  // namespace ballast
