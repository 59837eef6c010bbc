// Run report: what became of a run.
#pragma once

#include <cstdint>
#include <vector>

#include "ballast/core/clock.hpp"
#include "ballast/core/error.hpp"
#include "ballast/core/solution.hpp"

namespace ballast {

/// A job without a solution, with its last failure.
struct GivenUp {
  JobAttempt last;
  std::uint32_t failures{};
  Failure failure;
};

/// Complete on the Main Node; computing nodes know the outcome only.
struct RunReport {
  ExitCode outcome{ExitCode::solved};
  std::uint64_t jobs{};
  std::uint64_t solved{};
  std::uint64_t resumed{};  ///< of those solved, by earlier starts of the run
  std::uint64_t given_up_count{};
  std::vector<GivenUp> given_up{};  ///< the first thousand
  std::uint32_t nodes{};
  std::uint32_t solvers{};  ///< of all nodes together
  Duration makespan{};
  Duration working{};        ///< sum of the runtimes of the solutions
  std::uint64_t messages{};  ///< sent and received by the Main Node
  std::uint64_t bytes_sent{};
  std::uint64_t bytes_received{};

  /// What main() returns; the same on every rank.
  [[nodiscard]] int exit_code() const { return static_cast<int>(outcome); }
};

}  // namespace ballast
