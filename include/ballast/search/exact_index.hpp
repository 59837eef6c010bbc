// Exact index: the true nearest neighbours, found by matrix products and decided in double.
#pragma once

#include <cstdint>
#include <memory>

#include "ballast/core/instruction_level.hpp"
#include "ballast/search/metric.hpp"
#include "ballast/search/neighbours.hpp"
#include "ballast/search/vectors.hpp"

namespace ballast {

class WeighedBase;

/// The distance of two vectors: summed in double in an order that is fixed, rounded to float. The same bits at every
/// instruction level; what all indexes report.
[[nodiscard]] float exact_distance(Metric metric, Vectors a, std::size_t row_of_a, Vectors b, std::size_t row_of_b);

/// Searches all rows of a base that the caller keeps. Single precision only proposes: whoever may be among the k
/// nearest within the error bound of a matrix product (see src/search/score.hpp) is measured by exact_distance. So the
/// answer has the same bytes however the base is cut into shards and the queries into batches, whatever the BLAS and
/// the instruction level.
class ExactIndex {
 public:
  /// Row r of `base` has the id first_id + r. Passes once over the base. At most 2³² − 1 rows.
  ExactIndex(Vectors base, std::uint64_t first_id, Metric metric, InstructionLevel level = native_level());
  ExactIndex(ExactIndex&&) noexcept;
  ExactIndex& operator=(ExactIndex&&) noexcept;
  ~ExactIndex();

  /// Queries have the dimension of the base; k ≥ 1, and may exceed the base's rows. Uses one thread; several may search
  /// at once.
  [[nodiscard]] Neighbours search(Vectors queries, std::size_t k) const;

 private:
  std::unique_ptr<WeighedBase const> base_;
};

}  // namespace ballast
