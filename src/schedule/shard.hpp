// Shard: the jobs that only some nodes can compute, because only they have what it takes.
#pragma once

#include <cstdint>

#include "ballast/core/job.hpp"

namespace ballast {

/// Of `shards`, the one whose number is the remainder of its jobs' ids. A job's place counts the shard's jobs before
/// it.
struct Shard {
  std::uint32_t number{0};
  std::uint32_t shards{1};

  /// How many of its jobs have ids below this one.
  [[nodiscard]] std::uint64_t below(std::uint64_t id) const {
    return id <= number ? 0 : (id - number - 1) / shards + 1;
  }
  [[nodiscard]] JobId job_at(std::uint64_t place) const { return JobId{place * shards + number}; }
};

/// The number of the job's shard.
[[nodiscard]] inline std::uint32_t shard_of(JobId job, std::uint32_t shards) {
  return static_cast<std::uint32_t>(job.value() % shards);
}

}  // namespace ballast
