// Solver process: makes one attempt after the other, from jobs to news.
#pragma once

#include <sys/types.h>

#include "ballast/core/solver.hpp"
#include "solver/channel.hpp"

namespace ballast {

/// What a solver process is born with.
struct SolverPlan {
  Solver& solver;
  NodeId node;
  SolverId id;
  Channel& channel;
  Doorbell& agent;
  pid_t nursery;
};

/// The solver's life, from just after its fork. Ends when it is killed, when the nursery has died (then with all its
/// child processes), or by what user code does.
[[noreturn]] void run_solver(SolverPlan const& plan) noexcept;

}  // namespace ballast
