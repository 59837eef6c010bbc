// Thousands of runs with faults drawn at random, each checked to its end, on the dispatcher, leases and journal that
// the engine runs.
#include <cstdlib>

#include "sim/fault_world.hpp"
#include "support/catch.hpp"

namespace ballast::testing {
namespace {

void play_seeds(std::uint64_t count) {
  for (std::uint64_t seed = 1; seed <= count; ++seed) {
    auto const schedule = draw_schedule(seed);
    auto const wrong = play(schedule);
    if (!wrong) continue;
    INFO("see ballast-fuzz --seed " << seed);
    FAIL(*wrong);
  }
}

}  // namespace

TEST_CASE("20,000 runs with faults end with every job joined once or given up") { play_seeds(20'000); }

TEST_CASE("long_test_a_million_runs_with_faults_end_with_every_job_joined_once_or_given_up") {
  if (std::getenv("BALLAST_LONG") != nullptr) play_seeds(1'000'000);
}

TEST_CASE("the same schedule has the same answer, and a run without faults has none to give") {
  CHECK_FALSE(play({.seed = 1, .jobs = 10, .starts = {{}}, .mishaps = {}}));
  CHECK(text_of(draw_schedule(7)) == text_of(draw_schedule(7)));
}

TEST_CASE("a schedule shrinks to what its failure needs") {
  auto const has_drain = [](FaultSchedule const& schedule) {
    for (auto const& mishap : schedule.mishaps)
      if (std::holds_alternative<DrainAsked>(mishap)) return true;
    return false;
  };
  std::uint64_t seed = 1;
  while (!has_drain(draw_schedule(seed)) || draw_schedule(seed).mishaps.size() < 3) ++seed;
  auto const smallest = shrink(draw_schedule(seed), has_drain);
  CHECK(smallest.mishaps.size() == 1);
  CHECK(smallest.jobs == 0);
  CHECK(smallest.starts.empty());
}

}  // namespace ballast::testing
