// The state of xxHash is half a kilobyte with an alignment of its own, so it lives apart.
#include "core/running_digest.hpp"

#define XXH_STATIC_LINKING_ONLY
#include <xxhash.h>

namespace ballast {

struct RunningDigest::State {
  XXH3_state_t hash;
};

RunningDigest::RunningDigest() : state_{std::make_unique<State>()} { XXH3_64bits_reset(&state_->hash); }
RunningDigest::~RunningDigest() = default;
RunningDigest::RunningDigest(RunningDigest&&) noexcept = default;
RunningDigest& RunningDigest::operator=(RunningDigest&&) noexcept = default;

void RunningDigest::add(std::string_view bytes) { XXH3_64bits_update(&state_->hash, bytes.data(), bytes.size()); }

Digest RunningDigest::value() const { return Digest{XXH3_64bits_digest(&state_->hash)}; }

}  // namespace ballast
