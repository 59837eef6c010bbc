// Protocol: everything that the Main Node and the computing nodes say to each other.
//
//   Main Node                        computing node
//   Begin ──────────────────────────►                      who we are, where we work: once per run, and again to a
//                                                          node that was silent for too long and has come back; it
//                                                          drops what it holds, and answers Ready once more
//         ◄────────────────────────── Needs                it lives, and lacks these parts of the run's state
//   StatePiece ─────────────────────►                      of those, in order, in frames of at most 1 MiB
//         ◄────────────────────────── Ready | Refused      nobody is sent a job before all have answered
//   Jobs  ──────────────────────────►                      a chunk, in frames of at most 1 MiB
//         ◄────────────────────────── Report               starts, pieces, solutions, failures; room in the queue
//   Recall ─────────────────────────►                      others could start these jobs earlier
//         ◄────────────────────────── Released             the answer to each Recall: the jobs that it will not start
//   Cancel ─────────────────────────►                      nobody waits for this attempt any more
//   Limit ──────────────────────────►                      the time limit of an attempt has changed
//   Dismiss ────────────────────────►                      no more jobs for this node in this run
//         ◄────────────────────────── Broken               this node cannot solve anything any more
//   Alive ◄────────────────────────► Alive                 nothing else to say, but still here: silence means death
//   End   ──────────────────────────►                      the run is over, with this exit code
//         ◄────────────────────────── Bye                  and nothing of it is left on this node
//
// Every frame starts with the protocol's version and its kind, and names the run.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "ballast/core/clock.hpp"
#include "ballast/core/error.hpp"
#include "ballast/core/solution.hpp"

namespace ballast {

inline constexpr std::uint16_t protocol_version = 6;
/// No frame is much longer: a payload that does not fit travels in several.
inline constexpr std::size_t frame_bytes = std::size_t{1} << 20;
/// How many bytes of jobs may wait in a computing node's queue (a single job may be larger).
inline constexpr std::size_t queue_window_bytes = std::size_t{4} << 20;
/// What a job with a payload of this size takes of that window.
[[nodiscard]] constexpr std::uint64_t queue_bytes(std::size_t payload) { return payload + 64; }

/// One of the things that every node has before its first job.
struct StatePart {
  Digest digest;
  std::uint64_t size{};

  friend auto operator<=>(StatePart const&, StatePart const&) = default;
};

struct Begin {
  RunId run;
  std::string build;                              ///< version of the program
  std::vector<std::string> arguments;             ///< of the command line: a node that has other ones refuses
  std::string directory;                          ///< absolute path to work in
  std::vector<std::string> variables;             ///< NAME=value, to be set
  std::string host;                               ///< of the Main Node
  std::int64_t process{};                         ///< the Main Node's pid there
  Duration lease{};                               ///< a sign of life is due every quarter of it; 0 = none is
  std::vector<std::optional<StatePart>> state{};  ///< of this run; none: a part that is not for this node
  std::uint32_t call{};                           ///< counts the Begins of a run to this node; its answers name it
};

/// Places in Begin's state, ascending: the parts that the node does not have from an earlier run; there may be none.
struct Needs {
  RunId run;
  std::uint32_t call{};
  std::vector<std::uint32_t> parts;
};

/// Bytes of one part of the state. The pieces of a part come one after the other, in order, and so do the parts.
struct StatePiece {
  RunId run;
  std::uint32_t part{};
  Payload bytes;
};

struct Ready {
  RunId run;
  std::uint32_t solvers{};
  std::uint32_t cpus{};
  std::string host;
  bool inside{};         ///< the rank itself solves: it cannot answer meanwhile
  std::uint32_t call{};  ///< as in the Begin that it answers
};

enum class Refusal : std::uint8_t {
  disagreement,  ///< this rank was started with other options: the run cannot begin
  inability,     ///< this node cannot solve jobs, but others may
};

struct Refused {
  RunId run;
  Refusal kind{};
  std::string host;
  std::string reason;
};

/// Bytes of one job's payload. The pieces of a job come one after the other, in order.
struct JobPiece {
  JobAttempt name;
  Digest digest;
  std::uint64_t size{};  ///< of the whole payload
  Payload bytes;
};

struct Jobs {
  RunId run;
  RoundId round;
  StateId state;
  std::vector<JobPiece> pieces;
};

struct Report {
  RunId run;
  std::uint64_t taken{};  ///< queue_bytes() of the jobs that have left this node's queue since the run began
  std::vector<News> news;
};

/// Give back up to `count` jobs that are not started, the last ones first.
struct Recall {
  RunId run;
  std::uint64_t count{};
};

struct Released {
  RunId run;
  std::uint64_t taken{};          ///< as in Report, these jobs included
  std::vector<JobAttempt> names;  ///< in the order in which they would have been started; possibly none
};

/// Drop or end this attempt, without news of it; one that has ended meanwhile is no error.
struct Cancel {
  RunId run;
  JobAttempt name;
};

struct Limit {
  RunId run;
  std::optional<Duration> limit;
};

struct Alive {
  RunId run;
};

struct Dismiss {
  RunId run;
};

struct Broken {
  RunId run;
  std::string reason;
};

struct End {
  RunId run;
  ExitCode exit_code{};
};

struct Bye {
  RunId run;
};

using Message = std::variant<Begin, Needs, StatePiece, Ready, Refused, Jobs, Report, Recall, Released, Cancel, Limit,
                             Alive, Dismiss, Broken, End, Bye>;

[[nodiscard]] std::string encode_message(Message const& message);
/// Throws EngineError if the bytes are no message of this version.
[[nodiscard]] Message decode_message(std::string_view frame);

}  // namespace ballast
