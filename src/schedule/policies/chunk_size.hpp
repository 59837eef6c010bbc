// Chunk size: what formulas of real numbers come to in whole jobs.
#pragma once

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdint>

#include "ballast/schedule/policy.hpp"

namespace ballast {

/// ⌈a / b⌉ for b ≥ 1, without overflow.
[[nodiscard]] constexpr std::uint64_t ceil_div(std::uint64_t a, std::uint64_t b) { return a / b + (a % b != 0); }

/// P, and 1 while nobody is there: no formula may divide by zero.
[[nodiscard]] constexpr std::uint64_t node_count(PoolView const& pool) {
  return std::max<std::uint64_t>(pool.nodes, 1);
}

/// ⌈R/P⌉, at least 1.
[[nodiscard]] constexpr std::uint64_t equal_share(PoolView const& pool) {
  return std::max<std::uint64_t>(ceil_div(pool.unassigned, node_count(pool)), 1);
}

/// ⌈R/2P⌉, at least 1: the chunk of FAC2, and of all that is built on it.
[[nodiscard]] constexpr std::uint64_t half_share(PoolView const& pool) {
  return std::max<std::uint64_t>(ceil_div(pool.unassigned, 2 * node_count(pool)), 1);
}

/// ⌈jobs⌉ between 1 and `most`; 1 for what is no number. A hair above a whole number is a rounding error, not a job.
[[nodiscard]] inline std::uint64_t whole_jobs(double jobs, std::uint64_t most) {
  auto const rounded = std::ceil(jobs - 1e-9);
  if (!(rounded > 1)) return 1;
  if (rounded >= static_cast<double>(most)) return std::max<std::uint64_t>(most, 1);
  return static_cast<std::uint64_t>(rounded);
}

[[nodiscard]] constexpr double seconds(Duration duration) { return std::chrono::duration<double>{duration}.count(); }

}  // namespace ballast
