// How long an attempt may take.
#include "runtime/time_limit.hpp"
#include "support/catch.hpp"

namespace ballast {

using std::chrono::milliseconds;

TEST_CASE("a fixed limit is known from the start and does not change") {
  TimeLimit limit{milliseconds{30}};
  CHECK(limit.at_start() == milliseconds{30});
  CHECK_FALSE(limit.solved(milliseconds{1}));
}

TEST_CASE("a share is taken of the median, once three jobs are solved") {
  TimeLimit limit{Percent{200}};
  CHECK_FALSE(limit.at_start());
  CHECK_FALSE(limit.solved(milliseconds{10}));
  CHECK_FALSE(limit.solved(milliseconds{1000}));
  CHECK(limit.solved(milliseconds{20}) == milliseconds{40});
}

TEST_CASE("a share follows the latest jobs") {
  TimeLimit limit{Percent{100}};
  std::optional<Duration> last;
  for (int i = 0; i < 1000; ++i)
    if (auto const now = limit.solved(milliseconds{1})) last = now;
  for (int i = 0; i < 5000; ++i)
    if (auto const now = limit.solved(milliseconds{50})) last = now;
  CHECK(last == milliseconds{50});
}

TEST_CASE("no limit is no limit") {
  TimeLimit limit{{}};
  CHECK_FALSE(limit.at_start());
  for (int i = 0; i < 10; ++i) CHECK_FALSE(limit.solved(milliseconds{1}));
}

}  // namespace ballast
