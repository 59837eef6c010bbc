// The option goes right behind the subcommand: further on the words may be a command's, or values.
#include "runtime/resume_line.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "ballast/core/shell.hpp"

namespace ballast {
namespace {

std::string program(Launcher launcher, std::uint32_t ranks, Slots slots) {
  switch (launcher) {
    case Launcher::none:
      return "ballast";
    case Launcher::mpirun:
      return fmt::format("mpirun -n {}{} ballast", ranks, slots == Slots::oversubscribed ? " --oversubscribe" : "");
    case Launcher::ballast:
      return fmt::format("ballast launch -n {} --", ranks - 1);
    case Launcher::srun:
      return "srun ballast";
  }
  return "ballast";
}

}  // namespace

std::string resume_line(std::vector<std::string> const& arguments, Launcher launcher, std::uint32_t ranks,
                        Slots slots) {
  auto const end = std::find_if(arguments.begin(), arguments.end(),
                                [](std::string const& word) { return word == "--" || word.starts_with(":::"); });
  bool const there = std::any_of(
      arguments.begin(), end, [](std::string const& word) { return word == "--resume" || word == "--resume-failed"; });
  auto line = program(launcher, ranks, slots);
  for (auto word = arguments.begin(); word != arguments.end(); ++word) {
    line += ' ' + shell_word(*word);
    if (word == arguments.begin() && !there) line += " --resume";
  }
  return line;
}

}  // namespace ballast
