// Replaying: a recorded run decided again, and what is to be said about it.
#pragma once

#include "simulate_flags.hpp"

namespace app {

/// Prints whether the dispatcher decides as it did; returns 1 if it does not. Throws UsageError, InputOutputError.
int replay_recording(SimulateFlags const& flags);

}  // namespace app
