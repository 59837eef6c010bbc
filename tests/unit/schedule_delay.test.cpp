// Starts that must not come too close to each other.
#include "support/catch.hpp"
#include "support/schedule_scene.hpp"

namespace ballast {
namespace {

using namespace std::chrono_literals;

/// What has been assigned to all nodes together.
std::size_t assigned(ScheduleScene const& scene) { return scene.jobs_of(node_1).size() + scene.jobs_of(node_2).size(); }

}  // namespace

TEST_CASE("with a delay jobs start one at a time, and the dispatcher says when the next one may") {
  auto const* const policy = GENERATE("auto", "static", "guided", "self", "longest-first");
  ScheduleScene scene{policy, 2, {.delay = 2s}};
  scene.dataset(10);
  CHECK(assigned(scene) == 1);
  auto const next = scene.dispatcher.alarm();
  REQUIRE(next);
  CHECK(*next > scene.now + 1s);
  scene.now = *next - 1ms;
  scene.play(TimePassed{});
  CHECK(assigned(scene) == 1);
  scene.now = *next;
  scene.play(TimePassed{});
  CHECK(assigned(scene) == 2);
}

TEST_CASE("with a delay no node holds a job ahead that it would start too early") {
  ScheduleScene scene{"self", 1, {.prefetch = 5, .delay = 1s}};
  scene.dataset(10);
  scene.now += 10s;
  scene.play(TimePassed{});
  CHECK(scene.held[node_1].size() == 1);
  scene.solve_next(node_1);
  CHECK(scene.held[node_1].size() == 1);
}

TEST_CASE("jobs that end at the same time are not replaced at the same time") {
  ScheduleScene scene{"self", 2, {.delay = 1s}};
  scene.dataset(10);
  scene.now += 1s;
  scene.play(TimePassed{});
  REQUIRE(assigned(scene) == 2);
  scene.now += 5s;
  scene.solve_next(node_1);
  scene.solve_next(node_2);
  CHECK(assigned(scene) == 3);
}

TEST_CASE("a run with a delay comes to its end") {
  ScheduleScene scene{"auto", 2, {.delay = 1s}};
  scene.dataset(5);
  bool finished = false;
  for (int step = 0; step < 100 && !finished; ++step) {
    for (auto const node : {node_1, node_2})
      while (!scene.held[node].empty()) finished |= has_fact<RunFinished>(scene.solve_next(node));
    if (auto const alarm = scene.dispatcher.alarm()) scene.now = std::max(scene.now, *alarm);
    scene.play(TimePassed{});
  }
  CHECK(finished);
}

}  // namespace ballast
