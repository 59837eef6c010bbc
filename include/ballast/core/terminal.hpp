// Terminal: whether a person sits at the other end.
#pragma once

namespace ballast {

enum class Stream { input = 0, output = 1, error = 2 };

/// Whether a standard stream of this process ends at a terminal: its own, or that of the launcher where it can be seen.
/// mpirun hands its ranks pipes and pseudo-terminals, so a rank's own streams say nothing there.
[[nodiscard]] bool is_terminal(Stream stream);

}  // namespace ballast
