// File joiner: solutions written one after the other, to a file or to standard output.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>

#include "ballast/problem/joiner.hpp"

namespace ballast {

/// Without a path the result goes to standard output; what is finished appears there within a tenth of a second while
/// solutions keep coming, and at close().
/// With a path, `F.partial` is written at once and takes the place (and the permissions) of F at close(): F is whole or
/// absent, and a joiner that is destroyed before leaves nothing. What is no regular file (a FIFO, /dev/null) is written
/// to directly.
/// Throws InputOutputError if F cannot be written, is a directory, or is being written by another run; and, from any
/// call, for a full disk. Throws ReaderGone when a pipe has no reader left. SIGPIPE and SIGXFSZ must be ignored.
[[nodiscard]] std::unique_ptr<Joiner> make_file_joiner(std::optional<std::filesystem::path> const& path,
                                                       JoinOrder order);

}  // namespace ballast
