// CPU mask: the CPUs that solvers may run on.
#pragma once

#include <sched.h>

#include <vector>

namespace ballast {

/// A set of CPUs of this host, however many it has.
class CpuMask {
 public:
  /// The CPUs that this process may use; none if it cannot be asked.
  [[nodiscard]] static CpuMask of_process(pid_t process);

  [[nodiscard]] unsigned count() const;
  /// Lets the calling process, and what it forks from now on, run on these CPUs; if that is refused, all stays as it
  /// was.
  void apply() const;

 private:
  std::vector<cpu_set_t> sets_;  // one long bit field; a single cpu_set_t ends at 1024
};

/// What this host (or the batch system's share of it) allows. mpirun binds a rank to a core or two and children inherit
/// that, so under mpirun it is the mask of the rank's parent, which is Open MPI's daemon; else it is the process's own.
[[nodiscard]] CpuMask allowed_cpus();

}  // namespace ballast
