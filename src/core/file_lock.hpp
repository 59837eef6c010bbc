// File lock: one run at a time writes what is behind a descriptor.
#pragma once

#include "core/descriptor.hpp"

namespace ballast {

/// Locks an open file, until its last descriptor is closed, those of forked processes included: the solvers of a run
/// that was killed live for some milliseconds longer, so it is tried for a second. False if somebody else has it. A
/// file system without locks gives it to everybody.
[[nodiscard]] bool lock_file(Descriptor const& opened);

}  // namespace ballast
