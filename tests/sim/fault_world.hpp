// Fault world: a run and its restarts on a disk that forgets, as a fault schedule says; what must always hold is
// checked.
#pragma once

#include <optional>
#include <string>

#include "sim/fault_schedule.hpp"

namespace ballast::testing {

/// Plays the schedule to its end: what was broken, or nothing. The same schedule has always the same answer.
///
/// Every job is joined exactly once or named as given up, never both; what was joined or named is in the journal of
/// every later life, with the solution that an undisturbed run has; a job is given up only for failures and losses of
/// its own; a node is lost only after its lease; nothing stands still.
[[nodiscard]] std::optional<std::string> play(FaultSchedule const& schedule);

}  // namespace ballast::testing
