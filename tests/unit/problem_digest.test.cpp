// The digest is part of what is kept on disk.
#include "ballast/problem/digest.hpp"
#include "support/catch.hpp"

using namespace ballast;

TEST_CASE("digests are those of XXH3 and stay the same from version to version") {
  CHECK(digest_of("") == Digest{0x2d06800538d394c2});
  CHECK(digest_of("ballast") != digest_of("Ballast"));
  CHECK(digest_of({"a\0b", 3}) != digest_of({"a\0c", 3}));
}
