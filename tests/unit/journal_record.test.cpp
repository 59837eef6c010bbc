// What is written in a run directory is read back, or seen to be damaged.
#include "journal/record.hpp"
#include "support/catch.hpp"
#include "support/journal_scene.hpp"

using namespace ballast;
using testing::one_of_each;
using testing::text_of;

TEST_CASE("each kind of record is read as it was written") {
  for (auto const& record : one_of_each()) {
    auto const bytes = encode_record(record);
    CHECK(announced_body(bytes) == bytes.size() - record_head);
    auto const read = decode_record(bytes);
    REQUIRE(read);
    CHECK(read->index() == record.index());
    CHECK(text_of(*read) == text_of(record));
  }
}

TEST_CASE("a record with any bit flipped, any byte missing or one too many is damaged") {
  for (auto const& record : one_of_each()) {
    auto const good = encode_record(record);
    for (std::size_t bit = 0; bit < 8 * good.size(); ++bit) {
      auto bytes = good;
      bytes[bit / 8] = static_cast<char>(static_cast<unsigned char>(bytes[bit / 8]) ^ (1U << bit % 8));
      CHECK_FALSE(decode_record(bytes));
    }
    for (std::size_t size = 0; size < good.size(); ++size) CHECK_FALSE(decode_record(good.substr(0, size)));
    CHECK_FALSE(decode_record(good + '\0'));
  }
}

TEST_CASE("a record whose checksum is right and that makes no sense is damaged") {
  auto const unknown_kind = testing::framed(7, "");
  auto const too_short = testing::framed(6, "seven b");
  auto const too_long = testing::framed(6, "nine byte");
  auto const lying_text = testing::framed(1, std::string(8, '\xff'));
  for (auto const& bytes : {unknown_kind, too_short, too_long, lying_text}) CHECK_FALSE(decode_record(bytes));
  CHECK(decode_record(testing::framed(6, "eight by")));
}

TEST_CASE("how records look on disk stays the same from version to version") {
  CHECK(encode_record(JobRevived{JobId{0x0102}}) == testing::framed(6, std::string_view{"\x02\x01\0\0\0\0\0\0", 8}));
  CHECK(encode_record(RunStarted{-1, 1}) == testing::framed(2, std::string(8, '\xff') + std::string{"\1\0\0\0", 4}));
}

TEST_CASE("the file of a solution is named after its job and attempt") {
  CHECK(solution_file({JobId{17}, Attempt{2}}) == "solutions/17.2");
}
