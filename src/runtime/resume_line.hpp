// Resume line: what the user types to go on with a run.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "transport/world.hpp"

namespace ballast {

/// Whether mpirun may start more ranks than there are slots.
enum class Slots { enough, oversubscribed };

/// The command that was given, with --resume; quoted for a shell. `arguments` are those behind the program's name.
[[nodiscard]] std::string resume_line(std::vector<std::string> const& arguments, Launcher launcher, std::uint32_t ranks,
                                      Slots slots = Slots::enough);

}  // namespace ballast
