// The border between the engine and user code.
#include "solver/attempt_outcome.hpp"

#include <exception>

namespace ballast {
namespace {

std::optional<Refusal> refusal_of(Solver& solver, AttemptContext const& context, std::string_view job,
                                  SolutionSink& solution) {
  try {
    solver.solve(context, job, solution);
    return {};
  } catch (AttemptFailed const& failed) {
    return Refusal{failed.kind(), failed.what(), failed.remains()};
  } catch (std::exception const& exception) {
    return Refusal{FailureKind::refused, exception.what()};
  } catch (...) {
    return Refusal{FailureKind::refused, "threw something that is not a std::exception"};
  }
}

}  // namespace

AttemptOutcome make_attempt(Solver& solver, AttemptContext const& context, std::string_view job,
                            SolutionSink& solution) {
  auto const begin = Clock::now();
  auto refusal = refusal_of(solver, context, job, solution);
  return {Clock::now() - begin, std::move(refusal)};
}

}  // namespace ballast
