// Launch processes: the launcher that `ballast launch` starts, and whatever it leaves behind on this host.
#pragma once

#include <sys/types.h>

#include <filesystem>
#include <string>
#include <vector>

namespace app {

/// Starts the launcher in a session of its own: a terminal's ^C does not reach it, and its ranks may read the terminal.
/// Its ranks get SIGUSR1 when this process dies. From here on orphans below it become children of this process. Throws
/// EngineError if it cannot be started.
[[nodiscard]] pid_t start_launcher(std::vector<std::string> const& command);

/// Kills the ranks on this host: the children of the launcher that run this program.
void kill_ranks(pid_t launcher);

/// Kills and reaps all children of this process and their orphans; gives up after two seconds.
void end_descendants();

/// What Open MPI keeps in files for one rank's job, and does not clear away if mpirun is killed.
class LaunchDebris {
 public:
  LaunchDebris() = default;
  explicit LaunchDebris(pid_t rank);
  void clear() const;

 private:
  std::filesystem::path session_;
  std::string job_;
};

}  // namespace app
