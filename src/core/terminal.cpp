// Under mpirun the parent's descriptor is looked up in /proc.
#include "ballast/core/terminal.hpp"

#include <unistd.h>

#include <array>
#include <cstdlib>
#include <string>
#include <string_view>

#include "ballast/core/launch.hpp"

namespace ballast {

bool is_terminal(Stream stream) {
  auto const descriptor = static_cast<int>(stream);
  auto const* const launch = std::getenv(launch_variable);  // which has given rank 0 the caller's own streams
  bool const own = launch != nullptr && *launch != '\0';
  if (own || std::getenv("OMPI_COMM_WORLD_RANK") == nullptr) return isatty(descriptor) != 0;
  std::array<char, 256> target{};
  auto const launchers = "/proc/" + std::to_string(getppid()) + "/fd/" + std::to_string(descriptor);
  if (readlink(launchers.c_str(), target.data(), target.size() - 1) <= 0) return false;
  std::string_view const path{target.data()};
  return path.starts_with("/dev/pts/") || path.starts_with("/dev/tty");
}

}  // namespace ballast
