// History: what a journal's records come to: which jobs are resolved, and what the run was.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "journal/record.hpp"

namespace ballast {

/// A fold over records: the same for the engine, the tests and the fault simulation. A second solution of a job, or one
/// of a job that was abandoned and not revived, is an error of the writer and throws InputOutputError; so are two
/// descriptions of the run, and a revived job that was open.
class History {
 public:
  void take(Record const& record);

  enum class State : std::uint8_t { open, solved, abandoned };
  [[nodiscard]] State state(JobId job) const;
  [[nodiscard]] std::uint64_t solved() const { return solved_; }
  [[nodiscard]] std::uint64_t abandoned() const { return abandoned_; }
  /// The jobs that are not open, in order.
  [[nodiscard]] std::vector<JobSpan> resolved() const;
  [[nodiscard]] std::optional<RunDescribed> const& described() const { return described_; }
  [[nodiscard]] std::uint32_t starts() const { return starts_; }

 private:
  void on(RunDescribed const& run);
  void on(RunStarted const& start);
  void on(SolutionKept const& solution);
  void on(SolutionApart const& solution);
  void on(JobAbandoned const& job);
  void on(JobRevived const& revived);
  void solve(JobId job);
  void resolve(JobId job, State end);

  std::optional<RunDescribed> described_;
  std::uint32_t starts_{0};
  std::vector<State> states_;  // by job: ten million of them are ten megabytes
  std::uint64_t solved_{0};
  std::uint64_t abandoned_{0};
};

}  // namespace ballast
