// Score: what a matrix product in single precision says about a distance, and how wrong it may be.
//
// For a query q and a row b, score = shift(b) − factor(b)·⟨q,b⟩ has the order of the distances:
//   l2:      ‖b‖² − 2⟨q,b⟩  = ‖q−b‖² − ‖q‖²
//   ip:      −⟨q,b⟩         = distance
//   cosine:  −⟨q,b⟩/‖b‖     = (distance − 1)·‖q‖
// In whatever order, blocks and lanes a BLAS sums d products, with or without fused multiply-adds, its error is at most
// γ_d·Σ|q_i·b_i| ≤ γ_d·‖q‖·‖b‖ with γ_d = d·u/(1 − d·u) and u = 2⁻²⁴ (Higham 2002, Accuracy and Stability of Numerical
// Algorithms, 2nd ed., §3.1), plus d·2⁻¹²⁶ for products that underflow. Shift, factor and their use round a few times
// more, and the reported distance is rounded to float: each at most u of the largest number at hand; 8·u covers all of
// them.
#pragma once

#include <cmath>
#include <limits>

#include "ballast/search/metric.hpp"

namespace ballast {

/// Of one query against rows of a norm and a factor that are not larger than these.
struct ScoreScale {
  double query_norm;
  double row_norm;
  double factor;
};

/// How far a score may be from the order of the reported distances; infinite if nothing is certain.
[[nodiscard]] inline double score_error(Metric metric, ScoreScale scale, std::size_t dimension) {
  constexpr auto u = 0x1p-24;
  constexpr auto underflow = 0x1p-126;
  auto const d = static_cast<double>(dimension);
  if (d * u >= 0.5) return std::numeric_limits<double>::infinity();
  auto const gamma = d * u / (1 - d * u);
  auto const product = scale.query_norm * scale.row_norm;
  auto const lost = scale.factor * d * underflow;
  auto const both = scale.query_norm + scale.row_norm;
  switch (metric) {
    case Metric::l2:
      return 2 * gamma * product + 8 * u * both * both + lost;
    case Metric::inner_product:
      return (gamma + 8 * u) * product + lost;
    case Metric::cosine:
      break;
  }
  return (gamma + 8 * u) * scale.query_norm + lost;
}

/// The highest score, were it exact, of a row whose reported distance is not above this one.
[[nodiscard]] inline double score_of_distance(Metric metric, double distance, double query_norm) {
  constexpr auto u = 0x1p-24;
  switch (metric) {
    case Metric::l2:
      return distance * (1 + 2 * u) - query_norm * query_norm;
    case Metric::inner_product:
      return distance + 2 * u * std::abs(distance);
    case Metric::cosine:
      break;
  }
  return (distance - 1 + 4 * u) * query_norm;
}

/// Towards +∞, so that nobody is lost by rounding.
[[nodiscard]] inline float rounded_up(double value) {
  auto const nearest = static_cast<float>(value);
  return nearest < value ? std::nextafter(nearest, std::numeric_limits<float>::infinity()) : nearest;
}

}  // namespace ballast
