// The option goes before the first `--`: behind it the words are the command's.
#include "runtime/resume_line.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "ballast/core/shell.hpp"

namespace ballast {
namespace {

std::string program(Launcher launcher, std::uint32_t ranks) {
  switch (launcher) {
    case Launcher::none:
      return "ballast";
    case Launcher::mpirun:
      return fmt::format("mpirun -n {} ballast", ranks);
    case Launcher::ballast:
      return fmt::format("ballast launch -n {} --", ranks - 1);
    case Launcher::srun:
      return "srun ballast";
  }
  return "ballast";
}

}  // namespace

std::string resume_line(std::vector<std::string> const& arguments, Launcher launcher, std::uint32_t ranks) {
  auto const command = std::find(arguments.begin(), arguments.end(), "--");
  bool const there = std::any_of(arguments.begin(), command, [](std::string const& word) {
    return word == "--resume" || word == "--resume-failed";
  });
  auto line = program(launcher, ranks);
  for (auto word = arguments.begin(); word != arguments.end(); ++word) {
    if (word == command && !there) line += " --resume";
    line += ' ' + shell_word(*word);
  }
  if (command == arguments.end() && !there) line += " --resume";
  return line;
}

}  // namespace ballast
