// Launch watch: `ballast launch` from the start of mpirun to the end of the last process: signals, exit code, time.
#pragma once

#include <signal.h>
#include <sys/types.h>

#include <chrono>
#include <optional>
#include <string>

#include "launch_door.hpp"
#include "launch_plan.hpp"
#include "launch_processes.hpp"

namespace app {

class LaunchWatch {
 public:
  /// Starts the launcher. Throws EngineError if it cannot be started.
  explicit LaunchWatch(LaunchPlan plan);
  ~LaunchWatch();
  LaunchWatch(LaunchWatch const&) = delete;
  LaunchWatch& operator=(LaunchWatch const&) = delete;

  /// Returns rank 0's exit code when nothing is left on this host.
  [[nodiscard]] int wait();

 private:
  using Clock = std::chrono::steady_clock;
  /// How far the end of the launcher has been pressed for.
  enum class Pressure { none, time, no_ranks, told, killed };

  [[nodiscard]] bool over() const { return !launcher_ && (door_.left() || !door_.process()); }
  void wait_for_news();
  void take_signals();
  void pass_on(int signal);
  void take_rank_0();
  void reap();
  void press_when_due();
  void press(Pressure pressure, Clock::duration until_more);
  [[nodiscard]] int verdict() const;
  void say(std::string const& line) const;

  LaunchPlan plan_;
  LaunchDoor door_;
  int signals_;
  std::optional<pid_t> launcher_;  // while it lives
  int launcher_status_{};
  LaunchDebris debris_;
  Pressure pressure_{Pressure::none};
  std::optional<Clock::time_point> due_;  // when more pressure is
  std::optional<int> first_signal_;       // of INT, TERM, HUP
  bool forced_{false};                    // by a second one
};

}  // namespace app
