// Digest of bytes: 64 bits that stand for a job's input, so that a resume can tell whether it has changed.
#pragma once

#include <string_view>

#include "ballast/core/id.hpp"

namespace ballast {

/// XXH3, 64 bits, seed 0: the same on every machine and in every version of Ballast. Not a defence against forgery.
[[nodiscard]] Digest digest_of(std::string_view bytes);

}  // namespace ballast
