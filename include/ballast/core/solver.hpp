// Solver: the work itself, as a computing node sees it.
#pragma once

#include <atomic>
#include <optional>
#include <stdexcept>
#include <string_view>

#include "ballast/core/id.hpp"
#include "ballast/core/job.hpp"
#include "ballast/core/solution.hpp"

namespace ballast {

/// How an attempt that is at its time limit, or that nobody waits for any more, is asked to end. Who does not listen is
/// killed at once; who does has some seconds.
struct StopRequest {
  std::atomic<bool> heard{false};  ///< set by the solver: this attempt looks at `asked` a few times a second
  std::atomic<bool> asked{false};
};

/// Which attempt is being made, and where.
struct AttemptContext {
  JobAttempt name;
  NodeId node;
  SolverId solver;
  StopRequest* stop = nullptr;  ///< none inside the rank
};

/// Where a solver writes its solution, in as many pieces as it likes.
class SolutionSink {
 public:
  virtual ~SolutionSink() = default;
  /// Appends bytes to the solution. May block until there is room.
  virtual void write(std::string_view piece) = 0;
  /// Keeps what the attempt printed on stderr, to be shown with its outcome.
  virtual void diagnose(std::string_view text) = 0;
  /// Says what the attempt has used: at most once, before solve() returns or throws.
  virtual void account(Account const& account) = 0;
};

/// What becomes of the bytes that a failed attempt has written.
enum class Remains { dropped, kept };

/// Thrown by a solver to fail its attempt with a kind of its own; any other exception is `refused`, and drops them.
class AttemptFailed : public std::runtime_error {
 public:
  AttemptFailed(FailureKind kind, std::string const& reason, Remains remains = Remains::dropped)
      : std::runtime_error{reason}, kind_{kind}, remains_{remains} {}
  [[nodiscard]] FailureKind kind() const noexcept { return kind_; }
  [[nodiscard]] Remains remains() const noexcept { return remains_; }

 private:
  FailureKind kind_;
  Remains remains_;
};

/// User code. Lives in a solver process (or in the rank with no solvers apart) and makes one attempt at a time.
class Solver {
 public:
  virtual ~Solver() = default;
  /// Solves one job. Throwing, exiting or crashing makes a failed attempt, never a failed run.
  virtual void solve(AttemptContext const& context, std::string_view job, SolutionSink& solution) = 0;
};

}  // namespace ballast
