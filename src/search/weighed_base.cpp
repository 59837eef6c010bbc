// Weighing the rows of a base.
#include "search/weighed_base.hpp"

#include <algorithm>
#include <cmath>

#include "search/distance.hpp"

namespace ballast {

WeighedBase::WeighedBase(Vectors rows, std::uint64_t first_id, Metric metric, Kernels const& kernels)
    : rows_{rows},
      first_id_{first_id},
      metric_{metric},
      kernels_{&kernels},
      shifts_(rows.rows()),
      factors_(rows.rows()),
      squares_(rows.rows()) {
  for (std::size_t row = 0; row < rows.rows(); ++row) weigh(row);
}

void WeighedBase::weigh(std::size_t row) {
  auto const square = kernels_->dot(rows_.row(row), rows_.row(row), rows_.dimension());
  squares_[row] = square;
  switch (metric_) {
    case Metric::l2:
      shifts_[row] = static_cast<float>(square);
      factors_[row] = 2;
      break;
    case Metric::inner_product:
      factors_[row] = 1;
      break;
    case Metric::cosine:
      factors_[row] = square == 0 ? 0.0F : static_cast<float>(1 / std::sqrt(square));
      break;
  }
}

ScoreScale WeighedBase::scale(std::size_t first, std::size_t count) const {
  auto const begin = static_cast<std::ptrdiff_t>(first);
  auto const end = static_cast<std::ptrdiff_t>(first + count);
  return {.query_norm = 0,
          .row_norm = std::sqrt(*std::max_element(squares_.begin() + begin, squares_.begin() + end)),
          .factor = double{*std::max_element(factors_.begin() + begin, factors_.begin() + end)}};
}

float WeighedBase::distance(float const* query, double square, std::size_t row) const {
  if (metric_ != Metric::cosine) return measured(*kernels_, metric_, query, rows_.row(row), rows_.dimension());
  return cosine_distance(kernels_->dot(query, rows_.row(row), rows_.dimension()), square, squares_[row]);
}

}  // namespace ballast
