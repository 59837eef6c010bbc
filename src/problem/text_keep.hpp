// Text keep: standard input as a file, so that it can be read again after the run has ended.
#pragma once

#include <filesystem>

namespace ballast {

/// Unless the place is taken: copies all of standard input beside it, durably, for its owner alone, and then gives the
/// copy its place; so that it is whole or absent. Throws InputOutputError.
void keep_standard_input(std::filesystem::path const& place);

}  // namespace ballast
