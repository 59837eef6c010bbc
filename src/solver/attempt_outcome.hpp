// Attempt outcome: what became of one call of solve().
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "ballast/core/clock.hpp"
#include "ballast/core/solver.hpp"

namespace ballast {

struct Refusal {
  FailureKind kind{};
  std::string reason;
  Remains remains{Remains::dropped};
};

struct AttemptOutcome {
  Duration runtime{};
  std::optional<Refusal> refusal;  ///< none: solved
};

/// Calls solve() and turns whatever it throws into a refusal.
[[nodiscard]] AttemptOutcome make_attempt(Solver& solver, AttemptContext const& context, std::string_view job,
                                          SolutionSink& solution);

}  // namespace ballast
