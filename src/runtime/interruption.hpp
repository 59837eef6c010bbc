// Interruption: SIGINT, SIGTERM, or a launcher that has gone; noticed between two turns of a loop.
#pragma once

#include <sys/types.h>

#include <csignal>
#include <optional>

#include "ballast/core/error.hpp"

namespace ballast {

/// Whether the parent is a launcher whose end is ours, too. Without one, losing the parent (a shell) means nothing.
enum class Parent { launcher, anybody };

/// Listens while it lives, and puts back the handlers that were there before. One at a time per process.
class Interruption {
 public:
  explicit Interruption(Parent parent);
  ~Interruption();
  Interruption(Interruption const&) = delete;
  Interruption& operator=(Interruption const&) = delete;

  /// What the process should end with, if it should.
  [[nodiscard]] std::optional<ExitCode> pending() const;

 private:
  std::optional<pid_t> launcher_;
  struct sigaction old_interrupt_ {};
  struct sigaction old_terminate_ {};
};

/// The run was interrupted: what main() returns is 128 + the signal.
class Interrupted : public Error {
 public:
  Interrupted(ExitCode exit_code, std::string_view why)
      : Error{exit_code, exit_code == ExitCode::interrupted ? "ended by SIGINT" : "ended by SIGTERM", why,
              "start it again"} {}
};

}  // namespace ballast
