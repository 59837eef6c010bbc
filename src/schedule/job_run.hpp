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

}  // namespace ballast
