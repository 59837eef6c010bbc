// Rules: the user's say in how jobs are scheduled, policy aside.
#pragma once

#include <cstdint>
#include <optional>

#include "ballast/core/clock.hpp"

namespace ballast {

/// Whether stragglers get a second copy when nothing else is left to do.
enum class Speculation { off, on };

struct Rules {
  std::uint32_t retries{2};                 ///< further attempts at a failed job
  std::optional<std::uint32_t> prefetch{};  ///< jobs held beyond those being computed; none = as job times ask for
  std::uint64_t max_jobs_per_node{UINT64_MAX};
  Speculation speculation{Speculation::on};
  std::optional<Duration> end{};  ///< since the first event; a job that is not expected to end by then is not assigned
  /// Between the starts of any two jobs: they are assigned one at a time, to nodes that can start them at once.
  std::optional<Duration> delay{};
  /// Job j is of shard j mod `shards`, and goes only to nodes that have joined with that shard. 1: any job, any node.
  std::uint32_t shards{1};
};

}  // namespace ballast
