// Fault truth: what has really happened, whoever was told; what the Main Node decides is measured by it.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <stdexcept>
#include <string>

#include "ballast/core/job.hpp"

namespace ballast::testing {

/// Something that must never be has been seen.
struct Broken : std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// Depends on the job alone.
[[nodiscard]] inline std::string solution_of(JobId job) { return "solution of job " + std::to_string(job.value()); }

struct FaultTruth {
  // Of this life.
  std::map<JobId, std::uint32_t> failures;  ///< attempts that have ended so
  std::map<JobId, std::uint32_t> losses;    ///< nodes that were taken for lost after they had begun with the job
  std::map<NodeId, std::set<JobId>> begun;  ///< attempts that each node has begun with since it joined
  // Of all lives: what the outside world was told.
  std::set<JobId> joined;
  std::set<JobId> given_up;

  void begin_life() {
    failures.clear();
    losses.clear();
    begun.clear();
  }
};

}  // namespace ballast::testing
