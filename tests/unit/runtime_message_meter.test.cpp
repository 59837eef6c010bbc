// What a message costs is told seldom, and only when it has changed.
#include "runtime/message_meter.hpp"
#include "support/catch.hpp"

namespace ballast {
namespace {

using namespace std::chrono_literals;

Time at(Duration since_start) { return Time{since_start}; }

}  // namespace

TEST_CASE("the first message cost is told when there are enough messages to speak of") {
  MessageMeter meter;
  meter.count(100us, 10);
  CHECK_FALSE(meter.news(at(1s)));
  meter.count(100us, 10);
  CHECK(meter.news(at(1s)) == Duration{10us});
  CHECK_FALSE(meter.news(at(1s)));
}

TEST_CASE(
    "a message cost that stays as it was is not told again, and one that changes no more than five times a second") {
  MessageMeter meter;
  meter.count(1ms, 100);
  REQUIRE(meter.news(at(1s)));
  meter.count(1100us, 100);
  CHECK_FALSE(meter.news(at(2s)));
  meter.count(10ms, 100);
  CHECK_FALSE(meter.news(at(2100ms)));
  auto const changed = meter.news(at(2200ms));
  REQUIRE(changed);
  CHECK(*changed > 20us);   // it rises …
  CHECK(*changed < 100us);  // … smoothly
}

}  // namespace ballast
