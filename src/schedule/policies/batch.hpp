// Batch: P requests that are served alike (the factoring techniques).
#pragma once

#include "schedule/policies/chunk_size.hpp"

namespace ballast {

class Batch {
 public:
  /// Counts a request; says whether it is the first of a batch. Nodes that come or go count from the next batch.
  [[nodiscard]] bool opens(PoolView const& pool) {
    auto const first = left_ == 0;
    if (first) left_ = node_count(pool);
    --left_;
    return first;
  }

 private:
  std::uint64_t left_{0};
};

}  // namespace ballast
