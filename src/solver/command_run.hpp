// Command run: one run of a command for one attempt: fed, listened to, asked to end when its time is over.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "ballast/core/solver.hpp"
#include "solver/spawned_program.hpp"

namespace ballast {

/// This process's environment, and five variables that tell the command which attempt it is.
class CommandEnvironment {
 public:
  CommandEnvironment();
  /// Valid until the next call.
  [[nodiscard]] char* const* of(AttemptContext const& context);

 private:
  void set(std::size_t which, std::string const& value);

  std::string host_;
  std::vector<std::string> ours_;
  std::vector<char*> pointers_;  // the inherited ones, ours, the null at the end
};

/// What a command is given to read.
struct CommandInput {
  ProgramInput from{};
  std::string_view bytes{};  ///< with ProgramInput::pipe
};

/// Runs the command to its end, and what it has started with it. Its stdout goes to the solution, its stderr to the
/// diagnostics, and what it has used to the account. When the attempt is asked to stop, the command's process group is
/// ended: first by SIGTERM and, half a second later, by SIGKILL. Returns its wait status as waitpid(2). Throws
/// AttemptFailed if there is no such program.
[[nodiscard]] int run_command(AttemptContext const& context, std::vector<std::string> const& words, CommandInput input,
                              char* const* environment, SolutionSink& solution);

}  // namespace ballast
