// Job: a run of records with an id; the unit that is retried, journalled and joined.
#pragma once

#include <cstdint>

#include "ballast/core/id.hpp"
#include "ballast/core/payload.hpp"

namespace ballast {

/// One try at one job: what every start, solution and failure names.
struct JobAttempt {
  JobId job;
  Attempt attempt;

  friend constexpr auto operator<=>(JobAttempt const&, JobAttempt const&) = default;
};

/// Jobs first … first + count − 1.
struct JobSpan {
  JobId first;
  std::uint64_t count{};

  friend bool operator==(JobSpan const&, JobSpan const&) = default;
};

/// A job as a computing node receives it.
struct Job {
  JobAttempt name;
  Digest digest;  ///< of the payload; the solution names it, so that a resume can tell whether the input has changed
  Payload payload;
};

}  // namespace ballast
