// Solver: the work itself, as a computing node sees it.
#pragma once

#include <stdexcept>
#include <string_view>

#include "ballast/core/id.hpp"
#include "ballast/core/job.hpp"
#include "ballast/core/solution.hpp"

namespace ballast {

/// Which attempt is being made, and where.
struct AttemptContext {
  JobAttempt name;
  NodeId node;
  SolverId solver;
};

/// Where a solver writes its solution, in as many pieces as it likes.
class SolutionSink {
 public:
  virtual ~SolutionSink() = default;
  /// Appends bytes to the solution. May block until there is room.
  virtual void write(std::string_view piece) = 0;
  /// Keeps what the attempt printed on stderr, to be shown with its outcome.
  virtual void diagnose(std::string_view text) = 0;
};

/// Thrown by a solver to fail its attempt with a kind of its own; any other exception is `refused`.
class AttemptFailed : public std::runtime_error {
 public:
  AttemptFailed(FailureKind kind, std::string const& reason) : std::runtime_error{reason}, kind_{kind} {}
  [[nodiscard]] FailureKind kind() const noexcept { return kind_; }

 private:
  FailureKind kind_;
};

/// User code. Lives in a solver process (or in the rank with no solvers apart) and makes one attempt at a time.
class Solver {
 public:
  virtual ~Solver() = default;
  /// Solves one job. Throwing, exiting or crashing makes a failed attempt, never a failed run.
  virtual void solve(AttemptContext const& context, std::string_view job, SolutionSink& solution) = 0;
};

}  // namespace ballast
