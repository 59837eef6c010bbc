// Digest of bytes, by XXH3.
#include "ballast/problem/digest.hpp"

#include <xxhash.h>

namespace ballast {

Digest digest_of(std::string_view bytes) { return Digest{XXH3_64bits(bytes.data(), bytes.size())}; }

}  // namespace ballast
