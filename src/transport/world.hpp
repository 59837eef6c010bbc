// World: the ranks that were started together.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "ballast/core/error.hpp"
#include "transport/wire.hpp"

namespace ballast {

/// Lives as long as the session. Under a launcher (mpirun, srun) it is MPI's world; without one, this process alone,
/// and MPI is not touched.
class World {
 public:
  virtual ~World() = default;
  [[nodiscard]] virtual std::uint32_t rank() const = 0;
  [[nodiscard]] virtual std::uint32_t size() const = 0;
  /// This rank's end of the wire. Expects more than one rank.
  [[nodiscard]] virtual std::unique_ptr<Wire> open_wire() = 0;
  /// Says goodbye to all ranks. Where a dead rank does not end the others this takes a second at most, and the
  /// process ends with this code if it takes longer. The last call.
  virtual void leave(ExitCode exit_code) = 0;
  /// Some ranks may be dead or hung, so this one must not wait for them: MPI is left as it is, and ends with the
  /// process. Where a dead rank takes the others with it (survives_ranks()), all are ended here, with this exit code.
  virtual void forsake(ExitCode exit_code) = 0;
  /// Ends every rank at once, when nothing better can be done.
  [[noreturn]] virtual void abort(ExitCode exit_code) = 0;
};

/// Throws EngineError if the ranks cannot be joined. Made at most once per process.
[[nodiscard]] std::unique_ptr<World> join_world();

enum class Launcher { none, mpirun, ballast, srun };

/// Who has started this rank, as its environment tells.
[[nodiscard]] Launcher launched_by();
/// Whether mpirun was told --oversubscribe.
[[nodiscard]] bool may_oversubscribe();

/// Whether the ranks live on when one of them dies: under `ballast launch`, srun, and where mpirun was told to recover.
[[nodiscard]] bool survives_ranks();

/// The rank of this process as its launcher tells it, before any World; 0 without a launcher.
[[nodiscard]] std::uint32_t launched_rank();

/// Which MPI library this is: `Open MPI v4.1.4`.
[[nodiscard]] std::string mpi_library();

}  // namespace ballast
