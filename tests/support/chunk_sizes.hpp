// Chunk sizes: a policy asked again and again until nothing is left, without a dispatcher.
#pragma once

#include <algorithm>
#include <cstdint>
#include <initializer_list>
#include <utility>
#include <vector>

#include "ballast/schedule/policy.hpp"

namespace ballast {

using Sizes = std::vector<std::uint64_t>;

/// {size, times} each, written out.
inline Sizes sizes(std::initializer_list<std::pair<std::uint64_t, std::size_t>> runs) {
  Sizes all;
  for (auto const& [size, times] : runs) all.insert(all.end(), times, size);
  return all;
}

/// N = total jobs, R = left of them, P = nodes of one solver each.
inline PoolView pool_of(std::uint64_t total, std::uint64_t left, std::uint32_t nodes, JobTimes times = {}) {
  return {total, left, nodes, nodes, times, {}};
}

/// Chunk sizes for nodes 1 … P that ask in turn, all from one pool, without any news. Ends with a chunk of 0 jobs.
inline Sizes chunk_sizes(Policy& policy, std::uint64_t jobs, std::uint32_t nodes, JobTimes times = {}) {
  Sizes all;
  std::uint32_t turn = 0;
  for (auto left = jobs; left > 0;) {
    NodeView const node{.id = NodeId{turn++ % nodes + 1}, .mean_runtime = {}};
    auto const size = std::min(left, policy.chunk(node, pool_of(jobs, left, nodes, times)));
    all.push_back(size);
    if (size == 0) break;
    left -= size;
  }
  return all;
}

inline Sizes chunk_sizes(std::string_view choice, std::uint64_t jobs, std::uint32_t nodes, JobTimes times = {}) {
  return chunk_sizes(*make_policy(choice), jobs, nodes, times);
}

}  // namespace ballast
