// Parameters: what users write behind a name.
#include "ballast/core/parameters.hpp"

#include "ballast/core/error.hpp"
#include "support/catch.hpp"

namespace ballast {

TEST_CASE("a choice is a name and what was written behind it") {
  Parameters parameters{"policy", "fixed:h=10ms,factor=1.5,count=7,variant=C"};
  CHECK(parameters.name() == "fixed");
  CHECK(parameters.duration("h") == std::chrono::milliseconds{10});
  CHECK(parameters.number("factor", 0) == 1.5);
  CHECK(parameters.count("count", 1) == 7U);
  CHECK(parameters.word("variant") == "C");
  CHECK_NOTHROW(parameters.finish());
  CHECK_FALSE(parameters.number("absent", 0));
}

TEST_CASE("a name may stand alone") {
  Parameters parameters{"policy", "auto"};
  CHECK(parameters.name() == "auto");
  CHECK_FALSE(parameters.word("h"));
  CHECK_NOTHROW(parameters.finish());
}

TEST_CASE("a value may hold what separates keys from values") {
  CHECK(Parameters{"cost", "file:path=a=b:c"}.word("path") == "a=b:c");
}

TEST_CASE("what is not key=value is refused where it stands") {
  for (auto const* const choice : {"a:", "a:b", "a:b=", "a:=1", "a:b=1,", "a:,b=1", "a:b=1,,c=2", "a:b=1,b=1"}) {
    CAPTURE(choice);
    CHECK_THROWS_AS(Parameters("policy", choice), UsageError);
  }
  CHECK_THROWS_WITH(Parameters("policy", "a:b=1,c"),
                    "the policy `a:b=1,c` is not understood (`c` is not key=value); write NAME:key=value,key=value");
}

TEST_CASE("a value that is not what the key takes is refused with the reason") {
  Parameters parameters{"policy", "a:n=1x,small=1,negative=-1,half=0.5,huge=1e999,nan=nan,time=1y"};
  CHECK_THROWS_WITH(parameters.number("n", 0), "the policy `a` does not take n=1x (it takes a number); correct it");
  CHECK_THROWS_WITH(parameters.number("small", 2),
                    "the policy `a` does not take small=1 (that is too small); correct it");
  CHECK_THROWS_AS(parameters.count("negative", 0), UsageError);
  CHECK_THROWS_AS(parameters.count("half", 0), UsageError);
  CHECK_THROWS_AS(parameters.number("huge", 0), UsageError);
  CHECK_THROWS_AS(parameters.number("nan", 0), UsageError);
  CHECK_THROWS_AS(parameters.duration("time"), UsageError);
  CHECK_THROWS_AS(Parameters("policy", "a:n=99999999999999999999").count("n", 0), UsageError);
}

TEST_CASE("a key that nobody has taken is named") {
  Parameters parameters{"policy", "a:b=1,c=2"};
  CHECK(parameters.word("b"));
  CHECK_THROWS_WITH(parameters.finish(), Catch::StartsWith("the policy `a` has no parameter `c`"));
}

TEST_CASE("times are numbers with a unit, to the nanosecond") {
  using namespace std::chrono_literals;
  CHECK(parse_duration("2") == 2s);
  CHECK(parse_duration("1.5s") == 1500ms);
  CHECK(parse_duration("10ms") == 10ms);
  CHECK(parse_duration("3us") == 3us);
  CHECK(parse_duration("2m") == 2min);
  CHECK(parse_duration("1h") == 1h);
  CHECK(parse_duration("1d") == 24h);
  CHECK(parse_duration("0") == 0s);
  CHECK(parse_duration("4.35") == 4'350'000'000ns);
  for (auto const* const text : {"", "s", "-1", "1 s", "1y", "1msx", "1s1", "inf", "nan", "1e400", "1e9d", "0x10"}) {
    CAPTURE(text);
    CHECK_FALSE(parse_duration(text));
  }
}

}  // namespace ballast
