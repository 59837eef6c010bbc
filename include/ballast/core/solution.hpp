// News of attempts: what a computing node says about the jobs it was given.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "ballast/core/clock.hpp"
#include "ballast/core/job.hpp"

namespace ballast {

/// Why an attempt failed.
enum class FailureKind : std::uint8_t {
  refused,    ///< the user's code said no: it threw, or its command ended with a status that is not accepted
  crashed,    ///< the solver, or the command it ran, was ended by a signal or left
  timed_out,  ///< the attempt ran past its time limit
};

struct Failure {
  FailureKind kind{};
  std::string reason;       ///< one clause: `exit status 3`, `killed by signal 11 (Segmentation fault)`
  std::string diagnostics;  ///< the last of what the attempt printed on stderr, 64 KiB at most
};

/// What a command that was run has used, and how it ended. A job log is made of these.
struct Account {
  std::int64_t began{};         ///< ns since 1970, by the node's clock
  Duration cpu{};               ///< user and system, of the command and all that it has waited for
  std::uint64_t peak_memory{};  ///< bytes, resident, of the largest process
  std::uint64_t printed{};      ///< bytes on stdout
  std::int32_t exit_value{};    ///< 0 if a signal ended it, -1 if it was ended for its time limit or never began
  std::int32_t signal{};        ///< that ended it, or 0
};

/// The attempt has begun: from here on it counts.
struct Started {
  JobAttempt name;
};

/// The next bytes of a solution that is not whole yet.
struct Piece {
  JobAttempt name;
  Payload bytes;
};

/// The last bytes of a solution: with the pieces before, it is whole.
struct Solved {
  JobAttempt name;
  Digest digest;  ///< of the job that was solved
  Duration runtime{};
  Payload bytes;
  std::string diagnostics;  ///< what the attempt printed on stderr, as in Failure
  std::optional<Account> account{};
};

/// The attempt has ended without a solution; pieces that came before it are void, unless there are remains.
struct Failed {
  JobAttempt name;
  Duration runtime{};
  Failure failure;
  std::optional<Account> account{};
  /// What takes the solution's place if this was the job's last attempt: the pieces, and then these bytes.
  std::optional<Payload> remains{};
};

/// A job that is resolved, for those who keep logs.
struct JobOutcome {
  JobAttempt name;
  NodeId node;
  std::string_view host;  ///< of that node
  Duration runtime{};
  std::optional<Account> account{};
  std::string_view diagnostics;  ///< what the last attempt printed on stderr
  Failure const* failure{};      ///< why it was given up; null: it was solved
};

using News = std::variant<Started, Piece, Solved, Failed>;

}  // namespace ballast
