// News of attempts: what a computing node says about the jobs it was given.
#pragma once

#include <string>
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
};

/// The attempt has ended without a solution; pieces that came before it are void.
struct Failed {
  JobAttempt name;
  Duration runtime{};
  Failure failure;
};

using News = std::variant<Started, Piece, Solved, Failed>;

}  // namespace ballast
