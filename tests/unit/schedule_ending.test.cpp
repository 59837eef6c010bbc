// Runs that end early: paused, drained, or out of time.
#include "support/catch.hpp"
#include "support/schedule_scene.hpp"

namespace ballast {
namespace {

using namespace std::chrono_literals;

template <class Kind>
std::vector<Kind> all_of(Step const& step) {
  std::vector<Kind> found;
  for (auto const& action : step.actions)
    if (auto const* const one = std::get_if<Kind>(&action)) found.push_back(*one);
  return found;
}

std::uint64_t left_undone(Step const& step) {
  for (auto const& fact : step.facts)
    if (auto const* const drained = std::get_if<RunDrained>(&fact)) return drained->unresolved;
  return UINT64_MAX;
}

JobAttempt first_try(std::uint64_t job) { return {JobId{job}, Attempt{1}}; }

/// One node without prefetch, with four jobs of 10 s, of which the first is solved after them.
ScheduleScene after_one_job_of_10_s(Duration end, std::string_view policy = "self") {
  ScheduleScene scene{policy, 1, {.prefetch = 0, .end = end}};
  scene.dataset(4);
  scene.now += 10s;
  return scene;
}

}  // namespace

TEST_CASE("nothing is assigned during a pause, and all of it afterwards") {
  ScheduleScene scene{"self", 2};
  scene.play(AssignmentPaused{});
  scene.dataset(10);
  CHECK(scene.chunks.empty());
  scene.play(AssignmentResumed{});
  CHECK(scene.held[node_1].size() == 2);
  CHECK(scene.held[node_2].size() == 2);
}

TEST_CASE("a pause does not hold up what is assigned, nor the end of the run") {
  ScheduleScene scene{"self", 1};
  scene.dataset(2);
  scene.play(AssignmentPaused{});
  CHECK(has_fact<SolutionAccepted>(scene.solve_next(node_1)));
  CHECK(has_fact<RunFinished>(scene.solve_next(node_1)));
}

TEST_CASE("what fails during a pause is tried again when it ends") {
  ScheduleScene scene{"self", 1};
  scene.dataset(1);
  scene.play(AssignmentPaused{});
  CHECK_FALSE(has_action<AssignJobs>(scene.fail_next(node_1)));
  CHECK(has_action<AssignJobs>(scene.play(AssignmentResumed{})));
}

TEST_CASE("a drain asks back all that has not been started") {
  ScheduleScene scene{"self", 2, {.prefetch = 3}};
  scene.dataset(100);
  scene.start(node_1, scene.held[node_1].front());
  auto const recalls = all_of<RecallJobs>(scene.play(DrainBegan{}));
  REQUIRE(recalls.size() == 2);
  CHECK(recalls[0].count == 3);
  CHECK(recalls[1].count == 4);
}

TEST_CASE("a drain lets what runs end, assigns nothing, and says how much is left, once") {
  ScheduleScene scene{"self", 1, {.prefetch = 1}};
  scene.dataset(10);
  scene.start(node_1, first_try(0));
  scene.play(DrainBegan{});
  CHECK_FALSE(has_fact<RunDrained>(scene.release(node_1, {first_try(1)})));
  auto const last = scene.solve(node_1, first_try(0));
  CHECK(has_fact<SolutionAccepted>(last));
  CHECK(left_undone(last) == 9);
  CHECK_FALSE(has_action<AssignJobs>(last));
  CHECK_FALSE(has_fact<RunDrained>(scene.play(TimePassed{})));
}

TEST_CASE("a drain is for good: neither an end of a pause nor a new node brings assignments") {
  ScheduleScene scene{"self", 1};
  scene.dataset(10);
  scene.play(DrainBegan{});
  CHECK_FALSE(has_action<AssignJobs>(scene.play(AssignmentResumed{})));
  CHECK_FALSE(has_action<AssignJobs>(scene.play(NodeJoined{node_2})));
  CHECK_FALSE(has_action<RecallJobs>(scene.play(DrainBegan{})));
}

TEST_CASE("a drain waits neither for lost nodes nor for nodes without jobs") {
  ScheduleScene scene{"self", 2, {.prefetch = 0}};
  scene.dataset(1);
  CHECK_FALSE(has_fact<RunDrained>(scene.play(DrainBegan{})));
  auto const step = scene.lose(node_1);
  CHECK(left_undone(step) == 1);
  CHECK_FALSE(has_fact<RunStranded>(step));
}

TEST_CASE("a drain that finds nothing assigned is over at once") {
  ScheduleScene scene{"static", 2};
  scene.play(JobsFound{5});
  CHECK(left_undone(scene.play(DrainBegan{})) == 5);
}

TEST_CASE("a run whose last job ends while it drains is finished, not drained") {
  ScheduleScene scene{"self", 1};
  scene.dataset(1);
  scene.play(DrainBegan{});
  auto const last = scene.solve_next(node_1);
  CHECK(has_fact<RunFinished>(last));
  CHECK_FALSE(has_fact<RunDrained>(last));
}

TEST_CASE("a failure during a drain is not tried again, and counts as undone") {
  ScheduleScene scene{"self", 1};
  scene.dataset(1);
  scene.play(DrainBegan{});
  auto const step = scene.fail_next(node_1);
  CHECK(has_fact<RetryPlanned>(step));
  CHECK(left_undone(step) == 1);
}

TEST_CASE("a job that would not end in time is not assigned, and the run counts as drained") {
  auto scene = after_one_job_of_10_s(15s);
  auto const step = scene.solve(node_1, first_try(0), 10s);
  CHECK_FALSE(has_action<AssignJobs>(step));
  CHECK(left_undone(step) == 3);
}

TEST_CASE("a job that ends in time is assigned") {
  auto scene = after_one_job_of_10_s(25s);
  CHECK(has_action<AssignJobs>(scene.solve(node_1, first_try(0), 10s)));
}

TEST_CASE("as long as nothing was measured, nothing is too long") {
  ScheduleScene scene{"self", 1, {.prefetch = 0, .end = 1us}};
  scene.now += 1h;
  scene.dataset(4);
  CHECK(scene.held[node_1].size() == 1);
}

TEST_CASE("an end does not cut short what is held: a run is drained only when nothing is") {
  ScheduleScene scene{"self", 2, {.prefetch = 0, .end = 15s}};
  scene.dataset(4);
  scene.now += 10s;
  CHECK_FALSE(has_fact<RunDrained>(scene.solve(node_1, first_try(0), 10s)));
  CHECK(left_undone(scene.solve(node_2, first_try(1), 10s)) == 2);
}

TEST_CASE("where costs are known, shorter jobs fill the time that is left, in any order") {
  for (auto const* const policy : {"self", "longest-first", "auto", "static", "weighted-round-robin"}) {
    INFO(policy);
    ScheduleScene scene{policy, 1, {.prefetch = 0, .end = 15s}};
    scene.play(CostsExpected{{10, 10, 3, 10}});
    scene.dataset(4);
    scene.now += 10s;
    auto const first = scene.held[node_1].front();
    auto const held = scene.held[node_1].size();
    if (held > 1) continue;  // by its block
    scene.solve(node_1, first, first.job == JobId{2} ? 3s : 10s);
    if (first.job == JobId{2}) continue;
    REQUIRE(scene.held[node_1].size() == 1);
    CHECK(scene.held[node_1].front().job == JobId{2});
    scene.now += 3s;
    CHECK(left_undone(scene.solve_next(node_1)) == 2);
  }
}

TEST_CASE("another try that would not end in time is not made") {
  ScheduleScene scene{"self", 1, {.prefetch = 0, .end = 15s}};
  scene.dataset(2);
  scene.solve(node_1, first_try(0), 10s);
  scene.now += 12s;
  CHECK(left_undone(scene.fail(node_1, first_try(1))) == 1);
}

TEST_CASE("a copy that would not end in time is not made") {
  auto const copies = [](Duration end) {
    ScheduleScene scene{"self", 2, {.prefetch = 0, .end = end}};
    scene.dataset(2);
    scene.start(node_1, first_try(0));
    scene.start(node_2, first_try(1));
    scene.now += 10s;
    scene.solve(node_1, first_try(0), 10s);
    scene.now += 60s;
    return has_action<AssignJobs>(scene.play(TimePassed{}));
  };
  CHECK(copies(1h));
  CHECK_FALSE(copies(75s));
}

}  // namespace ballast
