// Neighbours: the answer to some queries, and how answers of shards become one.
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <vector>

#include "ballast/search/metric.hpp"

namespace ballast {

/// What stands where fewer than k were found.
inline constexpr std::int64_t no_neighbour = -1;
inline constexpr float no_distance = std::numeric_limits<float>::infinity();

/// k neighbours of each query, row after row, by (distance, id); places that nobody takes come last.
struct Neighbours {
  Neighbours() = default;
  /// All places free.
  Neighbours(std::size_t queries, std::size_t each)
      : k{each}, ids(queries * each, no_neighbour), distances(queries * each, no_distance) {}

  [[nodiscard]] std::size_t queries() const { return k == 0 ? 0 : ids.size() / k; }
  friend bool operator==(Neighbours const&, Neighbours const&) = default;

  std::size_t k{};
  std::vector<std::int64_t> ids;
  std::vector<float> distances;
};

/// The k nearest of each query out of the answers of several shards, which have the same queries and the same k. Does
/// not depend on how the base was cut, nor on the order of the parts.
[[nodiscard]] Neighbours merge_nearest(std::span<Neighbours const> parts);

/// Distances as users see them: an inner product has its own sign.
void show_distances(Metric metric, Neighbours& neighbours);

}  // namespace ballast
