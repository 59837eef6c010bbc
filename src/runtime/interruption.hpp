// Interruption: signals, or a launcher that has gone; noticed between two turns of a loop.
#pragma once

#include <sys/types.h>

#include <csignal>
#include <optional>
#include <vector>

#include "ballast/core/clock.hpp"
#include "ballast/core/error.hpp"

namespace ballast {

/// Whether the parent is a launcher whose end is ours, too. Without one, losing the parent (a shell) means nothing.
enum class Parent { launcher, anybody };

/// Listens while it lives, and puts back the handlers that were there before. One at a time per process.
class Interruption {
 public:
  explicit Interruption(Parent parent);
  ~Interruption();
  Interruption(Interruption const&) = delete;
  Interruption& operator=(Interruption const&) = delete;

  enum class Why {
    interrupt,      ///< SIGINT
    terminate,      ///< SIGTERM
    warning,        ///< SIGUSR1: Slurm's --signal, long before SIGTERM
    launcher_gone,  ///< nobody is left to tell us anything
  };
  /// Why the process should end, if it should. The same SIGINT or SIGTERM again ends it at
  /// once, unless it follows within a fifth of a second: then it is an echo of the first.
  [[nodiscard]] std::optional<Why> pending() const;
  /// Whether SIGINT or SIGTERM has come since the latest Interruption was made. Safe in any thread.
  [[nodiscard]] static bool told_to_end();
  /// When SIGCONT came last: mpirun sends it one second before SIGTERM, but so does `fg`.
  [[nodiscard]] std::optional<Time> continued() const;

 private:
  std::optional<pid_t> launcher_;
  struct Handler {
    int signal;
    struct sigaction before;
  };
  std::vector<Handler> handlers_;
};

/// What a process ends with that was ended before it could drain.
[[nodiscard]] ExitCode exit_code_of(Interruption::Why why);
/// `SIGINT`, `SIGTERM`, `SIGUSR1`, `the end of the launcher`.
[[nodiscard]] std::string_view name_of(Interruption::Why why);

/// The run was interrupted.
class Interrupted : public Error {
 public:
  Interrupted(ExitCode outcome, std::string_view by, std::string_view state,
              std::string_view remedy = "start it again; with --run-dir it could be resumed")
      : Error{outcome, std::string{"ended by "}.append(by), state, remedy} {}
};

}  // namespace ballast
