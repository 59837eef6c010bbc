// Host: the name of this machine.
#pragma once

#include <string>

namespace ballast {

/// As the kernel says it.
[[nodiscard]] std::string host_name();

}  // namespace ballast
