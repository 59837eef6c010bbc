// Payload: the bytes of a job or of a solution, which the engine carries and never reads.
#pragma once

#include <string>

namespace ballast {

using Payload = std::string;

}  // namespace ballast
