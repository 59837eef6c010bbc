// Looking up programs.
#include "solver/program.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <string_view>

#include "ballast/core/error.hpp"
#include "ballast/solver/command.hpp"

namespace ballast {
namespace {

bool is_executable(std::string const& path) {
  struct stat status {};
  return ::stat(path.c_str(), &status) == 0 && S_ISREG(status.st_mode) && ::access(path.c_str(), X_OK) == 0;
}

}  // namespace

std::optional<std::string> find_program(std::string const& name) {
  if (name.find('/') != std::string::npos) return is_executable(name) ? std::optional{name} : std::nullopt;
  char const* const path = std::getenv("PATH");
  std::string_view rest{path != nullptr ? path : "/bin:/usr/bin"};
  while (!name.empty()) {
    auto const folder = rest.substr(0, rest.find(':'));
    auto candidate = (folder.empty() ? "." : std::string{folder}) + "/" + name;
    if (is_executable(candidate)) return candidate;
    if (folder.size() == rest.size()) break;
    rest.remove_prefix(folder.size() + 1);
  }
  return {};
}

void require_program(std::string const& program) {
  if (find_program(program)) return;
  bool const is_path = program.find('/') != std::string::npos;
  throw InputOutputError{"cannot find the command `" + program + "`",
                         is_path ? "there is no executable file of that path" : "no executable of that name in PATH",
                         "install it on the computing nodes or give its full path"};
}

}  // namespace ballast
