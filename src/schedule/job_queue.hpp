// Job queue: jobs that wait in the order in which they were assigned: to be sent to a node, or to be started there.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>

#include "ballast/core/job.hpp"
#include "schedule/job_run.hpp"

namespace ballast {

/// First in, first out, kept as runs.
class JobQueue {
 public:
  [[nodiscard]] std::uint64_t count() const { return count_; }

  void push(JobRuns const& runs);
  [[nodiscard]] std::optional<JobAttempt> pop();
  /// Takes out up to `count` jobs, the last ones, in the order of assignment.
  [[nodiscard]] JobRuns release(std::uint64_t count);
  /// Takes one job out; false if it is not there.
  [[nodiscard]] bool drop(JobAttempt name);
  void clear();

 private:
  std::deque<JobRun> runs_;
  std::uint64_t count_{0};
};

}  // namespace ballast
