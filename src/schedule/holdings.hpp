// Holdings: the attempts that one node has been assigned and has not ended yet.
#pragma once

#include <cstdint>
#include <map>
#include <optional>

#include "schedule/job_run.hpp"

namespace ballast {

/// A set of attempts kept as runs: its size in memory is that of its gaps, not of its jobs.
class Holdings {
 public:
  [[nodiscard]] std::uint64_t count() const { return count_; }
  [[nodiscard]] std::size_t runs() const { return runs_.size(); }
  [[nodiscard]] bool holds(JobAttempt name) const { return find(name) != runs_.end(); }

  [[nodiscard]] bool contains(JobAttempt name) const;

  /// Expects that none of the run's jobs is held.
  void add(JobRun const& run);
  /// Takes one attempt out; false if it is not held.
  [[nodiscard]] bool remove(JobAttempt name);
  /// Takes all out, in job order.
  [[nodiscard]] JobRuns remove_all();

 private:
  struct Rest {
    std::uint64_t count;
    Attempt attempt;
  };
  using Runs = std::map<JobId, Rest>;  // by first job; runs do not overlap

  [[nodiscard]] Runs::const_iterator find(JobAttempt name) const;

  Runs runs_;
  std::uint64_t count_{0};
};

}  // namespace ballast
