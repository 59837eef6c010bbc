// Real runs: the comparison of simulate, made by the engine on the ranks that there are.
#pragma once

#include "simulate_flags.hpp"
#include "subcommand.hpp"

namespace app {

/// Makes all runs one after the other in one session, on every rank; returns the exit code.
int compare_real_runs(CommandLine const& line, SimulateFlags const& flags);

}  // namespace app
