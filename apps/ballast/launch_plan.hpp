// Launch plan: what `ballast launch` was asked for, as a command line of mpirun or srun.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include <ballast/core/clock.hpp>

namespace app {

struct LaunchPlan {
  std::uint32_t nodes{};  ///< computing nodes; the Main Node comes on top, on this host
  std::string hosts{};    ///< as mpirun takes them: a:4,b:4
  std::filesystem::path hostfile{};
  std::string launcher{};            ///< mpirun or srun
  std::vector<std::string> extra{};  ///< further words for it
  std::vector<std::string> words{};  ///< of the subcommand to run, and its options
};

/// Words for execvp(). `folder` may be used for files that the launcher reads when it starts. Throws InputOutputError
/// if the hostfile cannot be read.
[[nodiscard]] std::vector<std::string> launcher_command(LaunchPlan const& plan, std::filesystem::path const& folder);

/// Without -n: the slots that are named, else the tasks of the Slurm allocation but one, else the allowed cores.
[[nodiscard]] std::uint32_t default_nodes(std::string const& hosts);

/// The value of an option among the subcommand's own words, before its `--`; empty if it is not there.
[[nodiscard]] std::string option_among(std::vector<std::string> const& words, std::string const& option);

/// mpirun takes a lone `:` for a separator, wherever it stands: words of colons travel with one more.
[[nodiscard]] std::string guard_colons(std::string const& word);
/// In a rank that launch has started: takes that one off again.
[[nodiscard]] std::string unguard_colons(std::string const& word);

}  // namespace app
