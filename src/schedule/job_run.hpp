// Job run: neighbouring jobs that share a fate; how the scheduler names millions of jobs in a few words.
#pragma once

#include <cstdint>
#include <vector>

#include "ballast/core/job.hpp"

namespace ballast {

/// Jobs first … first + count − 1, each in this attempt.
struct JobRun {
  JobId first;
  std::uint64_t count{};
  Attempt attempt;

  friend bool operator==(JobRun const&, JobRun const&) = default;
};

using JobRuns = std::vector<JobRun>;

[[nodiscard]] inline std::uint64_t jobs_in(JobRuns const& runs) {
  std::uint64_t sum = 0;
  for (auto const& run : runs) sum += run.count;
  return sum;
}

}  // namespace ballast
