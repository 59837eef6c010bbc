// Metric: what "near" means between two vectors.
#pragma once

#include <string_view>

namespace ballast {

/// Inside the search a smaller distance is always nearer, so `inner_product` is carried with its sign turned.
enum class Metric {
  l2,             ///< squared Euclidean distance
  inner_product,  ///< minus the inner product
  cosine,         ///< 1 − cos; a vector of zeros is at 1 from everything, itself included
};

/// `l2` or `euclidean`, `ip`, `cosine` or `angular`. Throws UsageError for anything else.
[[nodiscard]] Metric parse_metric(std::string_view name);

/// The first of these names.
[[nodiscard]] std::string_view name_of(Metric metric);

}  // namespace ballast
