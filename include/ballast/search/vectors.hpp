// Vectors: rows of floats that somebody else owns.
#pragma once

#include <cstddef>
#include <span>

namespace ballast {

/// `rows` vectors of `dimension` floats each, one after the other, all finite.
class Vectors {
 public:
  /// `values` holds whole rows, and outlives this view. Breaks its contract otherwise.
  Vectors(std::span<float const> values, std::size_t dimension);

  [[nodiscard]] std::size_t rows() const { return dimension_ == 0 ? 0 : values_.size() / dimension_; }
  [[nodiscard]] std::size_t dimension() const { return dimension_; }
  [[nodiscard]] std::span<float const> values() const { return values_; }
  [[nodiscard]] float const* row(std::size_t index) const { return values_.data() + index * dimension_; }
  /// Rows first … first + count − 1.
  [[nodiscard]] Vectors part(std::size_t first, std::size_t count) const;

 private:
  std::span<float const> values_;
  std::size_t dimension_;
};

}  // namespace ballast
