// Nursery process: forks the solver processes, and ends them and whatever they leave behind.
#pragma once

#include <sys/types.h>

#include "ballast/core/solver.hpp"
#include "solver/cpu_mask.hpp"
#include "solver/shared_space.hpp"

namespace ballast {

/// What the nursery is born with.
struct NurseryPlan {
  Solver& solver;
  NodeId node;
  SharedSpace& space;
  CpuMask const& cpus;  ///< on which solvers may run
  pid_t agent;
  int socket;  ///< to the agent
};

/// The nursery's life, from just after its fork, with all signals blocked. Bears a solver for each channel at once;
/// ends, with all its descendants, when the agent closes the socket or is gone.
[[noreturn]] void run_nursery(NurseryPlan const& plan) noexcept;

}  // namespace ballast
