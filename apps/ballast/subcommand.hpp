// Subcommand: one use of the program, in a file of its own.
#pragma once

#include <CLI/CLI.hpp>
#include <functional>
#include <string>
#include <vector>

#include <ballast/core/error.hpp>

namespace app {

/// The command line in two halves: Ballast's own, and what follows the first `--` unchanged; for `run` also what begins
/// with the first `:::` or `::::`.
struct CommandLine {
  int argc{};
  char const* const* argv{};
  std::vector<std::string> own;      ///< without the program's name
  std::vector<std::string> command;  ///< behind the first `--`
  bool has_command{false};
};

/// For a subcommand that runs no command. Throws UsageError if there is one.
inline void refuse_command(CommandLine const& line) {
  if (line.has_command)
    throw ballast::UsageError{line.own.front() + " runs no command", "", "leave out `--` and what follows it"};
}

/// Runs on every rank and returns its exit code. Throws UsageError for what only it can see.
using Run = std::function<int(CommandLine const&)>;

/// Each adds itself to the program's parser and returns what to run when it was chosen.
[[nodiscard]] Run add_upper(CLI::App& program);
[[nodiscard]] Run add_map(CLI::App& program);
[[nodiscard]] Run add_run(CLI::App& program);
[[nodiscard]] Run add_knn(CLI::App& program);
[[nodiscard]] Run add_train(CLI::App& program);
[[nodiscard]] Run add_predict(CLI::App& program);
[[nodiscard]] Run add_launch(CLI::App& program);
[[nodiscard]] Run add_policies(CLI::App& program);
[[nodiscard]] Run add_simulate(CLI::App& program);

}  // namespace app
