// Spawned program: a running program between three pipes, in a process group of its own.
#pragma once

#include <sys/types.h>

#include <cstdint>

#include "ballast/core/clock.hpp"
#include "core/descriptor.hpp"

namespace ballast {

/// What a program's standard input is.
enum class ProgramInput { pipe, nothing };

/// How a program ended, and what it and those it has waited for have used.
struct ProgramEnd {
  int wait_status{};            ///< as waitpid(2)
  Duration cpu{};               ///< user and system
  std::uint64_t peak_memory{};  ///< bytes, resident, of the largest process
};

class SpawnedProgram {
 public:
  /// Starts the file at `path`, with default signal handling (but USR1 ignored) and no descriptor but its three pipes,
  /// or two of them and /dev/null.
  /// It dies with this process. Throws std::system_error. The size of this process does not matter: nothing is copied.
  SpawnedProgram(char const* path, char* const* argv, char* const* environment, ProgramInput from);
  /// Ends the program if it has not been reaped.
  ~SpawnedProgram();
  SpawnedProgram(SpawnedProgram const&) = delete;
  SpawnedProgram& operator=(SpawnedProgram const&) = delete;

  // Our ends, none of which blocks.
  Descriptor input;  ///< not open with ProgramInput::nothing
  Descriptor output;
  Descriptor errors;
  Descriptor end;  ///< readable when the program has ended; not open where the kernel has no pidfd (before 5.3)

  [[nodiscard]] bool has_ended() const;
  /// Sends a signal to the whole process group.
  void signal_group(int signal) const;
  void await_end() const;
  /// Kills what is left of the process group, and says how the program ended. Throws std::system_error when the kernel
  /// does not tell, as when this process ignores SIGCHLD.
  ProgramEnd reap();

 private:
  pid_t process_{};
};

}  // namespace ballast
