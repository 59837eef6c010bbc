// What the codec carries, and what it refuses.
#include <boost/serialization/map.hpp>
#include <boost/serialization/shared_ptr.hpp>
#include <boost/serialization/utility.hpp>
#include <boost/serialization/vector.hpp>
#include <map>
#include <memory>
#include <random>
#include <vector>

#include "ballast/problem/codec.hpp"
#include "support/catch.hpp"

namespace {

struct Station {
  int id = 0;
  double height = 0;
  bool open = false;
  std::string name;
  std::vector<std::string> lines;

  bool operator==(Station const&) const = default;

  template <class Archive>
  void serialize(Archive& archive, unsigned) {
    archive& id& height& open& name& lines;
  }
};

Station const station{7, 2.5, true, "Main \0 North", {"S1", "", std::string(300, 'x')}};

}  // namespace

using namespace ballast;

TEST_CASE("a string is its own bytes") {
  std::string const text{"a\0b\n\xff", 5};
  CHECK(encode(text) == text);
  CHECK(decode<std::string>(std::string_view{text}) == text);
  CHECK(decode<std::string>(Payload{text}) == text);
  CHECK(encode(std::string{}).empty());
}

TEST_CASE("what Boost.Serialization can carry comes back as it was") {
  CHECK(decode<Station>(encode(station)) == station);
  CHECK(decode<int>(encode(-7)) == -7);
  std::vector<double> const numbers{1.5, -2, 1e300};
  CHECK(decode<std::vector<double>>(encode(numbers)) == numbers);
  std::map<int, Station> const by_id{{1, station}, {2, {}}};
  CHECK(decode<std::map<int, Station>>(encode(by_id)) == by_id);
  CHECK(*decode<std::shared_ptr<Station>>(encode(std::make_shared<Station>(station))) == station);
}

TEST_CASE("bytes that are cut off anywhere are an error") {
  auto const bytes = encode(station);
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    CHECK_THROWS_AS(decode<Station>(std::string_view{bytes}.substr(0, size)), EngineError);
  }
}

TEST_CASE("bytes that are left over are an error") {
  CHECK_THROWS_AS(decode<Station>(encode(station) + '\0'), EngineError);
  CHECK_THROWS_AS(decode<int>(Payload{"12345"}), EngineError);
}

TEST_CASE("a length from garbage takes no memory") {
  auto const huge = encode(std::uint64_t{1} << 36) + "rest";
  CHECK_THROWS_WITH(decode<std::vector<std::string>>(huge), Catch::Matchers::StartsWith("cannot decode a value ("));
  CHECK_THROWS_AS(decode<std::vector<char>>(huge), EngineError);
  CHECK_THROWS_AS((decode<std::pair<std::uint64_t, std::string>>(huge)), EngineError);
}

TEST_CASE("garbage is an error or a value, never a crash") {
  std::mt19937 random{1};
  auto const good = encode(station);
  for (int i = 0; i < 20000; ++i) {
    auto bytes = good;
    for (int flips = 0; flips < 3; ++flips) bytes[random() % bytes.size()] = static_cast<char>(random());
    try {
      static_cast<void>(decode<Station>(bytes));
    } catch (EngineError const&) {
      continue;
    }
  }
}
