// Weighed base: rows, and what is known of each before any query: what its score needs and its norm.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "ballast/search/metric.hpp"
#include "ballast/search/vectors.hpp"
#include "search/kernels.hpp"
#include "search/score.hpp"

namespace ballast {

class WeighedBase {
 public:
  /// Passes once over all rows, which stay the caller's.
  WeighedBase(Vectors rows, std::uint64_t first_id, Metric metric, Kernels const& kernels);

  [[nodiscard]] Vectors const& rows() const { return rows_; }
  [[nodiscard]] Metric metric() const { return metric_; }
  [[nodiscard]] Kernels const& kernels() const { return *kernels_; }
  [[nodiscard]] std::int64_t id_of(std::size_t row) const { return static_cast<std::int64_t>(first_id_ + row); }

  /// See score.hpp; from `first` on.
  [[nodiscard]] float const* shifts(std::size_t first) const { return shifts_.data() + first; }
  [[nodiscard]] float const* factors(std::size_t first) const { return factors_.data() + first; }
  /// The largest norm and factor of some rows; no query yet.
  [[nodiscard]] ScoreScale scale(std::size_t first, std::size_t count) const;

  /// What is reported. `square` is the squared norm of the query.
  [[nodiscard]] float distance(float const* query, double square, std::size_t row) const;

 private:
  void weigh(std::size_t row);

  Vectors rows_;
  std::uint64_t first_id_;
  Metric metric_;
  Kernels const* kernels_;
  std::vector<float> shifts_;
  std::vector<float> factors_;
  std::vector<double> squares_;  // of the norms
};

}  // namespace ballast
