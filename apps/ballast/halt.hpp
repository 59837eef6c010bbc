// Halt: when to stop early, as the command line says it.
#pragma once

#include <optional>
#include <string>

#include <ballast/runtime/options.hpp>

namespace app {

/// `never`, or WHEN,WHAT=VALUE with WHEN soon or now, WHAT fail, success or done, and VALUE a count or a percentage, as
/// GNU parallel has it. Throws UsageError.
[[nodiscard]] std::optional<ballast::Halt> parse_halt(std::string const& text);

}  // namespace app
