// Program: an executable file, as PATH finds it.
#pragma once

#include <optional>
#include <string>

namespace ballast {

/// The file that this name stands for: itself if it holds a slash, else the first executable of that name in PATH.
[[nodiscard]] std::optional<std::string> find_program(std::string const& name);

}  // namespace ballast
