// Record: what a run directory remembers of a run, one fact at a time. FORMAT.md says how it looks on disk.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "ballast/core/clock.hpp"
#include "ballast/core/job.hpp"
#include "ballast/core/solution.hpp"

namespace ballast {

/// The first record: what makes the run the same, and who began it.
struct RunDescribed {
  std::string identity;  ///< Problem::identity()
  std::string program;   ///< version of Ballast
};

/// One start of the run, the first one included.
struct RunStarted {
  std::int64_t at{};         ///< s since 1970, UTC
  std::uint32_t requeued{};  ///< how often the batch system had started the job again by then
};

/// Solutions up to this size belong in the journal, larger ones apart.
inline constexpr std::size_t largest_kept = std::size_t{1} << 20;

/// A job's solution counts: here it is.
struct SolutionKept {
  JobAttempt name;
  Digest input;  ///< of the job that was solved
  Duration runtime{};
  Payload bytes;
};

/// A job's solution counts; it is in a file of its own, see solution_file().
struct SolutionApart {
  JobAttempt name;
  Digest input;
  Duration runtime{};
  std::uint64_t size{};  ///< of the file, bytes
  Digest content;        ///< of the file
};

/// Nothing is kept of what it had printed.
struct NothingPrinted {};
/// It is in a file of its own, see solution_file().
struct PrintedApart {
  std::uint64_t size{};  ///< of the file, bytes
  Digest content;        ///< of the file
};

/// The job has no solution: this was its last attempt, and what it had printed takes the solution's place.
struct JobAbandoned {
  JobAttempt last;
  Digest input;
  std::uint32_t failures{};
  FailureKind kind{};
  std::string reason;
  std::variant<NothingPrinted, Payload, PrintedApart> printed{};
};

/// The job is to be solved after all: it had been abandoned, or the file of its solution is not good any more.
struct JobRevived {
  JobId job;
};

using Record = std::variant<RunDescribed, RunStarted, SolutionKept, SolutionApart, JobAbandoned, JobRevived>;

/// A file beside the journal that a record names, see solution_file().
struct ApartFile {
  JobAttempt name;
  std::uint64_t size{};
  Digest content;
};
[[nodiscard]] std::optional<ApartFile> apart_file(Record const& record);

/// What comes before a record's body: checksum (8 bytes), size of the body (4), kind (1).
inline constexpr std::size_t record_head = 13;
/// Larger ones are not written, and taken for damage when read.
inline constexpr std::uint64_t largest_body = std::uint64_t{1} << 30;

/// The record, head and body. Expects that the body is not too large.
[[nodiscard]] std::string encode_record(Record const& record);
/// How large the body is, says the head, which may be damaged. Expects record_head bytes.
[[nodiscard]] std::uint64_t announced_body(std::string_view head);
/// Takes one whole record, head and body; none if it is damaged.
[[nodiscard]] std::optional<Record> decode_record(std::string_view bytes);

/// Where in the run directory a solution is that has a file of its own: `solutions/17.2` for job 17, attempt 2.
[[nodiscard]] std::string solution_file(JobAttempt name);

}  // namespace ballast
