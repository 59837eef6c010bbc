// Record: what a run directory remembers of a run, one fact at a time. FORMAT.md says how it looks on disk.
#pragma once

#include <cstdint>
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
  std::int64_t at{};  ///< s since 1970, UTC
};

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

/// The job has no solution: this was its last attempt.
struct JobAbandoned {
  JobAttempt last;
  Digest input;
  std::uint32_t failures{};
  FailureKind kind{};
  std::string reason;
};

/// The job that had been abandoned is to be tried again.
struct JobRevived {
  JobId job;
};

using Record = std::variant<RunDescribed, RunStarted, SolutionKept, SolutionApart, JobAbandoned, JobRevived>;

/// The record with its frame: length, kind and checksum.
[[nodiscard]] std::string encode_record(Record const& record);

/// Where in the run directory a solution is that has a file of its own: `solutions/17.2` for job 17, attempt 2.
[[nodiscard]] std::string solution_file(JobAttempt name);

}  // namespace ballast
