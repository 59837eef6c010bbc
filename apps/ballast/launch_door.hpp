// Launch door: where `ballast launch` waits for rank 0, and then speaks with it (see ballast/core/launch.hpp).
#pragma once

#include <sys/types.h>

#include <filesystem>
#include <optional>

namespace app {

class LaunchDoor {
 public:
  /// Listens in a fresh folder that nobody else can enter. Throws InputOutputError.
  LaunchDoor();
  ~LaunchDoor();
  LaunchDoor(LaunchDoor const&) = delete;
  LaunchDoor& operator=(LaunchDoor const&) = delete;

  [[nodiscard]] std::filesystem::path const& folder() const { return folder_; }
  [[nodiscard]] std::filesystem::path socket() const { return folder_ / "door"; }

  /// For poll(2): readable when take() has something to do; negative when nothing more will come.
  [[nodiscard]] int descriptor() const { return connection_ >= 0 ? connection_ : door_; }
  /// Lets rank 0 in, or takes what it says. Never waits.
  void take();

  /// Rank 0's process, since it came.
  [[nodiscard]] std::optional<pid_t> process() const { return process_; }
  [[nodiscard]] std::optional<int> exit_code() const { return exit_code_; }
  /// What rank 0 said of the others when it left.
  [[nodiscard]] bool ranks_lost() const { return ranks_lost_; }
  /// Rank 0 came, and has gone.
  [[nodiscard]] bool left() const { return process_ && connection_ < 0; }

 private:
  void let_in();
  void close_door();

  std::filesystem::path folder_;
  int door_{-1};
  int connection_{-1};
  std::optional<pid_t> process_;
  std::optional<int> exit_code_;
  bool ranks_lost_{false};
};

}  // namespace app
