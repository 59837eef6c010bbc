// Recall: which share of the true neighbours was found.
#pragma once

#include <cstdint>
#include <span>

#include "ballast/search/neighbours.hpp"

namespace ballast {

/// By distance: a neighbour counts if it is no farther than the true k-th of its query, within 1e-5 of that distance,
/// so that ties count whichever was named. One true distance per query, of the same metric as found. 1 without queries.
[[nodiscard]] double recall_by_distance(Neighbours const& found, std::span<float const> true_kth_distances);

/// By id: the strict count. `true_ids` has `found.k` or more ids a query, `columns` of them a row, nearest first.
[[nodiscard]] double recall_by_ids(Neighbours const& found, std::span<std::int64_t const> true_ids,
                                   std::size_t columns);

}  // namespace ballast
