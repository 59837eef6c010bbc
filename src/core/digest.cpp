// Digest of bytes, by XXH3.
#define XXH_STATIC_LINKING_ONLY  // for the state's size: it lives in State
#include "ballast/core/digest.hpp"

#include <xxhash.h>

namespace ballast {

struct RunningDigest::State {
  XXH3_state_t xxh3;
};

Digest digest_of(std::string_view bytes) { return Digest{XXH3_64bits(bytes.data(), bytes.size())}; }

RunningDigest::RunningDigest() : state_{std::make_unique<State>()} { XXH3_64bits_reset(&state_->xxh3); }
RunningDigest::RunningDigest(RunningDigest&&) noexcept = default;
RunningDigest& RunningDigest::operator=(RunningDigest&&) noexcept = default;
RunningDigest::~RunningDigest() = default;

void RunningDigest::add(std::string_view bytes) { XXH3_64bits_update(&state_->xxh3, bytes.data(), bytes.size()); }

Digest RunningDigest::value() const { return Digest{XXH3_64bits_digest(&state_->xxh3)}; }

}  // namespace ballast
