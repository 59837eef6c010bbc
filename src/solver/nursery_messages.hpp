// Nursery messages: what an agent and the nursery of its solvers say to each other.
#pragma once

#include <type_traits>
#include <variant>

namespace ballast {

/// Fork a solver for this slot, which has none.
struct BearSolver {
  unsigned slot{};
};

/// Kill the slot's solver, if it is still there, and all that it has started.
struct EndSolver {
  unsigned slot{};
};

using NurseryOrder = std::variant<BearSolver, EndSolver>;

struct SolverBorn {
  unsigned slot{};
};

struct BirthFailed {
  unsigned slot{};
  int error{};  ///< as in errno
};

/// The slot is empty now; what the solver wrote into its channel can be read.
struct SolverDied {
  unsigned slot{};
  int wait_status{};
};

using NurseryReport = std::variant<SolverBorn, BirthFailed, SolverDied>;

// They travel between processes of one image, as they are in memory.
static_assert(std::is_trivially_copyable_v<NurseryOrder> && std::is_trivially_copyable_v<NurseryReport>);

}  // namespace ballast
