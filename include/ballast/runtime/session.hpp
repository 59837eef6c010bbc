// Session: this rank's part in the runs of a program; rank 0 is the Main Node, the others are computing nodes.
#pragma once

#include <cstdint>
#include <memory>

#include "ballast/core/error.hpp"
#include "ballast/problem/authored.hpp"
#include "ballast/problem/problem.hpp"
#include "ballast/runtime/options.hpp"
#include "ballast/runtime/report.hpp"

namespace ballast {

/// Made once per process, at the beginning of main(), on every rank. Without a launcher the process is the Main Node
/// and its only computing node. The same runs must be started in the same order on every rank.
class Session {
 public:
  /// Joins the ranks. All must have been given the same arguments: one that was not ends the first run.
  Session(int argc, char const* const* argv);
  ~Session();
  Session(Session const&) = delete;
  Session& operator=(Session const&) = delete;

  [[nodiscard]] bool is_main() const { return rank() == 0; }
  [[nodiscard]] std::uint32_t rank() const;
  [[nodiscard]] std::uint32_t size() const;
  /// The rank that the launcher gave this process, before there is a session; 0 without a launcher.
  [[nodiscard]] static std::uint32_t launched_rank();
  /// For a program that `ballast launch` starts, as the first thing in main(): rank 0 gets the standard streams of
  /// launch's caller, and launch its exit code. Does nothing elsewhere.
  static void meet_launcher();

  /// Runs the problem to its end; returns on every rank, with the same outcome. What goes wrong is said on the Main
  /// Node's stderr, in one line, and is the report's outcome: an Error's own exit code, ExitCode::engine for anything
  /// else that split() or join() throws. If one of them blocks for ever in a run that must end early, the process ends
  /// here, with that exit code.
  RunReport run(Problem& problem, RunOptions const& options = {});

  template <Author A>
  RunReport run(A& author, RunOptions const& options = {}) {
    AuthoredProblem<A> problem{author};
    return run(problem, options);
  }

  /// Takes part in the next run only to end it: this rank cannot begin, because of `error`. Whichever ranks call it,
  /// all learn the outcome, and the reason is said once.
  RunReport refuse(Error const& error);

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

/// The version of Ballast, `0.1.0`.
[[nodiscard]] std::string version();
/// The MPI library that Ballast stands on, `Open MPI v4.1.4`.
[[nodiscard]] std::string mpi_version();

}  // namespace ballast
