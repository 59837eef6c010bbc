// Nursery: the agent's handle on the process that forks, reaps and ends its solver processes.
//
// One small process stands between the rank and its solvers:
//   rank ─── nursery ─┬─ solver 0 ── (its command)
//                     └─ solver 1 …
// - A crash costs one fork of a small process. The rank grows during a run, and a fork costs in proportion to what the
//   process has in memory.
// - Only the nursery reaps solvers, so no signal can hit a pid that has been given to somebody else.
// - What solvers leave behind becomes the nursery's child, which ends it; and so does the nursery for all of them when
//   the rank is gone. It has a session of its own, because mpirun kills the rank's whole process group.
// - What later jobs need (an index) can be built once in it, and is shared copy-on-write by all solvers.
// - The rank forks once per run and not per crash: fork is what RDMA networks like least.
// It is forked when a run starts, and not before MPI_Init: a process from before main() has got somewhere would have to
// follow the author's main() to know the author's object. Forked now, it simply has it.
#pragma once

#include <deque>
#include <optional>
#include <string>

#include "ballast/core/solver.hpp"
#include "core/descriptor.hpp"
#include "solver/nursery_messages.hpp"
#include "solver/shared_space.hpp"

namespace ballast {

class Nursery {
 public:
  /// Forks the nursery, which bears `solvers` solvers at once. Throws EngineError when that is refused.
  Nursery(Solver& solver, NodeId node, unsigned solvers);
  /// Ends all these processes and what they have started.
  ~Nursery();
  Nursery(Nursery const&) = delete;
  Nursery& operator=(Nursery const&) = delete;

  [[nodiscard]] SharedSpace& space() { return space_; }

  /// Sent now or, when there is no room, with the next report(). Never waits.
  void order(NurseryOrder order);
  /// The next report, if one has come. Never waits. A report rings the agent's doorbell.
  [[nodiscard]] std::optional<NurseryReport> report();
  /// Becomes false, with the last report, when the nursery has died. Its solvers then end by themselves.
  [[nodiscard]] bool is_alive() const { return alive_; }
  /// How the nursery ended, which must not be alive any more.
  [[nodiscard]] std::string reap();

 private:
  void send_orders();
  void wait_for_end();

  SharedSpace space_;
  Descriptor socket_;
  std::deque<NurseryOrder> orders_;
  pid_t process_{};
  bool alive_{true};
};

}  // namespace ballast
