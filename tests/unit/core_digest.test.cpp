// The digest is part of what is kept on disk.
#include <string>

#include "ballast/core/digest.hpp"
#include "support/catch.hpp"

using namespace ballast;

TEST_CASE("digests are those of XXH3 and stay the same from version to version") {
  CHECK(digest_of("") == Digest{0x2d06800538d394c2});
  CHECK(digest_of("ballast") != digest_of("Ballast"));
  CHECK(digest_of({"a\0b", 3}) != digest_of({"a\0c", 3}));
}

TEST_CASE("the digest of a text does not depend on the pieces it comes in") {
  std::string text;
  for (int i = 0; i < 1000; ++i) text += std::to_string(i);
  for (std::size_t const piece : {1U, 7U, 240U, 1024U, 5000U}) {
    RunningDigest running;
    for (std::size_t at = 0; at < text.size(); at += piece) running.add(std::string_view{text}.substr(at, piece));
    CHECK(running.value() == digest_of(text));
  }
  CHECK(RunningDigest{}.value() == digest_of(""));
}
