// Solver pool: the agent's other half, where attempts are made. Apart in processes, or inside the rank.
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "ballast/core/clock.hpp"
#include "ballast/core/solution.hpp"
#include "ballast/core/solver.hpp"

namespace ballast {

/// Makes attempts and tells what became of them. One thread uses it; nothing here blocks but wait(), and poll() of the
/// pool inside the rank.
class SolverPool {
 public:
  virtual ~SolverPool() = default;
  /// How many jobs may be started now.
  [[nodiscard]] virtual unsigned idle() const = 0;
  /// Begins an attempt. Expects idle() > 0.
  virtual void start(Job&& job, Time now) = 0;
  /// What has happened since the last call, in order for each attempt: Piece…, then Solved or Failed. Attempts past the
  /// time limit are ended here.
  [[nodiscard]] virtual std::vector<News> poll(Time now) = 0;
  /// Ends an attempt of which nobody wants news any more; there will be none. Nothing happens to one that is unknown,
  /// has ended, or is being made inside the rank.
  virtual void cancel(JobAttempt name) = 0;
  /// The time limit of one attempt, running ones included; none = unlimited.
  virtual void limit(std::optional<Duration> limit) = 0;
  /// Sleeps until a solver has news, or for `at_most`.
  virtual void wait(Duration at_most) = 0;
};

/// `count` ≥ 1 solver processes, forked from the caller as it is now, so that `solver` is simply there. A solver that
/// dies (or is killed at its time limit) is a failed attempt and is replaced. Ends all its processes when destroyed.
[[nodiscard]] std::unique_ptr<SolverPool> make_process_pool(Solver& solver, NodeId node, unsigned count);

/// Solves inside the caller, one job per poll(). What throws fails; what crashes takes the rank with it.
[[nodiscard]] std::unique_ptr<SolverPool> make_inline_pool(Solver& solver, NodeId node);

}  // namespace ballast
