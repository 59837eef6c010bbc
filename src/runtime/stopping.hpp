// Stopping: why a run should end before all its jobs are resolved: a signal, its time limit, or enough of them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "ballast/runtime/options.hpp"
#include "runtime/interruption.hpp"

namespace ballast {

struct StopOrder {
  enum class Kind { signal, time_limit, halt } kind{};
  std::string reason;  ///< `SIGTERM`, `its time limit`, `--halt soon,fail=3`
  Duration grace{};    ///< for the jobs that are running
  ExitCode outcome{};  ///< if nothing is durable
};

/// How much time a signal leaves.
enum class Notice {
  full,      ///< as much as the user wants
  a_moment,  ///< plain mpirun kills everybody one second after SIGTERM or SIGINT
};

/// What has become of the jobs so far.
struct Tally {
  std::optional<std::uint64_t> jobs{};  ///< of the whole dataset, once that is known
  std::uint64_t solved{};
  std::uint64_t given_up{};
};

/// Gives the order once. Borrows the interruption.
class Stopping {
 public:
  Stopping(Interruption const& interruption, RunOptions const& options, Notice notice, Time began);

  [[nodiscard]] std::optional<StopOrder> look(Tally const& tally, Time now) const;
  /// After SIGCONT: whether SIGTERM may follow, so that nothing new should be begun.
  [[nodiscard]] bool on_hold(Time now) const;

 private:
  [[nodiscard]] std::optional<StopOrder> signalled() const;
  [[nodiscard]] std::optional<StopOrder> out_of_time(Time now) const;
  [[nodiscard]] std::optional<StopOrder> halted(Tally const& tally) const;

  Interruption const& interruption_;
  Duration grace_;
  std::optional<Duration> run_limit_;
  std::optional<Halt> halt_;
  Notice notice_;
  Time began_;
};

/// Whether so many are enough. A share of the dataset is not reached before its size is known. Pure.
[[nodiscard]] bool reached(Halt const& halt, Tally const& tally);

}  // namespace ballast
