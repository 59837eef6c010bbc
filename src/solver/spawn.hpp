// Spawn: starts a program between three pipes, in a process group of its own.
#pragma once

#include <sys/types.h>

#include "solver/file_descriptor.hpp"

namespace ballast {

/// A program that has been started, and our ends of its pipes, none of which blocks. Kills its group and reaps it
/// when destroyed.
class SpawnedProgram {
 public:
  SpawnedProgram() = default;
  SpawnedProgram(SpawnedProgram const&) = delete;
  SpawnedProgram& operator=(SpawnedProgram const&) = delete;
  ~SpawnedProgram();

  FileDescriptor input;
  FileDescriptor output;
  FileDescriptor errors;
  FileDescriptor end;  ///< readable when the program has ended; closed where the kernel has no such thing

 private:
  pid_t process_{};
};

}  // namespace ballast
