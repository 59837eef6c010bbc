// Spawned program: a running program between three pipes, in a process group of its own.
#pragma once

#include <sys/types.h>

#include "core/descriptor.hpp"

namespace ballast {

class SpawnedProgram {
 public:
  /// Starts the file at `path`, with default signal handling (but USR1 ignored) and no descriptor but its three pipes.
  /// It dies with this process. Throws std::system_error. The size of this process does not matter: nothing is copied.
  SpawnedProgram(char const* path, char* const* argv, char* const* environment);
  /// Ends the program if it has not been reaped.
  ~SpawnedProgram();
  SpawnedProgram(SpawnedProgram const&) = delete;
  SpawnedProgram& operator=(SpawnedProgram const&) = delete;

  // Our ends, none of which blocks.
  Descriptor input;
  Descriptor output;
  Descriptor errors;
  Descriptor end;  ///< readable when the program has ended; not open where the kernel has no pidfd (before 5.3)

  [[nodiscard]] bool has_ended() const;
  void await_end() const;
  /// Kills what is left of the process group, and says how the program ended (as waitpid(2)). Throws std::system_error
  /// when the kernel does not tell, as when this process ignores SIGCHLD.
  int reap();

 private:
  pid_t process_{};
};

}  // namespace ballast
