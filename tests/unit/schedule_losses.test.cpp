// Jobs that are there when nodes are lost, nodes that come back, and the leases that tell.
#include "schedule/leases.hpp"
#include "support/catch.hpp"
#include "support/schedule_scene.hpp"

namespace ballast {
namespace {

using namespace std::chrono_literals;

JobAttempt try_of(std::uint64_t job, std::uint32_t attempt) { return {JobId{job}, Attempt{attempt}}; }

std::vector<JobGivenUp> given_up(Step const& step) {
  std::vector<JobGivenUp> found;
  for (auto const& fact : step.facts)
    if (auto const* const one = std::get_if<JobGivenUp>(&fact)) found.push_back(*one);
  return found;
}

/// Loses nodes 1 … `losses`, each alone with job 0 and running it if `started`; returns the last step.
Step lose_nodes(ScheduleScene& scene, std::uint32_t losses, bool started) {
  Step last;
  for (std::uint32_t i = 1; i <= losses; ++i) {
    scene.play(NodeJoined{NodeId{i}});
    if (i == 1) scene.dataset(1);
    if (started) scene.start(NodeId{i}, try_of(0, i));
    last = scene.lose(NodeId{i});
  }
  return last;
}

/// A lease of 1 s, polled each 10 ms; returns who lapsed within this time.
std::vector<NodeId> poll(Leases& leases, Time& now, Duration time) {
  std::vector<NodeId> lapsed;
  for (auto const end = now + time; now < end;) {
    now += 10ms;
    for (auto const node : leases.lapsed(now)) lapsed.push_back(node);
  }
  return lapsed;
}

}  // namespace

TEST_CASE("a job that was running on three lost nodes is given up") {
  ScheduleScene scene{"self", 0};
  auto const last = given_up(lose_nodes(scene, 3, true));
  REQUIRE(last.size() == 1);
  CHECK(last.front().name == try_of(0, 3));
  CHECK(last.front().node == node_3);
  CHECK(last.front().losses == 3);
  CHECK(last.front().failures == 0);
  CHECK(scene.dispatcher.ledger().finished());
}

TEST_CASE("two losses are not enough, and a job that had not started is never charged") {
  ScheduleScene two{"self", 0};
  CHECK(given_up(lose_nodes(two, 2, true)).empty());
  ScheduleScene waiting{"self", 0};
  CHECK(given_up(lose_nodes(waiting, 9, false)).empty());
  CHECK(waiting.dispatcher.ledger().unresolved() == 1);
}

TEST_CASE("losses do not count as failures, nor failures as losses") {
  ScheduleScene scene{"self", 0, {.retries = 2}};
  lose_nodes(scene, 2, true);
  scene.play(NodeJoined{node_3});
  CHECK(given_up(scene.fail(node_3, try_of(0, 3))).empty());
  CHECK(given_up(scene.fail(node_3, try_of(0, 4))).empty());
  auto const last = given_up(scene.fail(node_3, try_of(0, 5)));
  REQUIRE(last.size() == 1);
  CHECK(last.front().failures == 3);
  CHECK(last.front().losses == 2);
}

TEST_CASE("a start that is told twice is one loss") {
  ScheduleScene scene{"self", 0};
  lose_nodes(scene, 1, true);
  scene.play(NodeJoined{node_2});
  scene.start(node_2, try_of(0, 2));
  scene.start(node_2, try_of(0, 2));
  CHECK(given_up(scene.lose(node_2)).empty());
}

TEST_CASE("a job whose node was lost is not copied: it may kill the next one, too") {
  ScheduleScene scene{"self", 2, {.prefetch = 0}};
  scene.dataset(2);
  scene.start(node_1, try_of(0, 1));
  scene.lose(node_1);
  scene.start(node_2, try_of(1, 1));
  scene.solve(node_2, try_of(1, 1), 1ms);
  scene.play(NodeJoined{node_3});
  scene.start(node_2, try_of(0, 2));
  scene.now += 1h;
  CHECK_FALSE(has_action<AssignJobs>(scene.play(TimePassed{})));
}

TEST_CASE("the loss of a node that is not there changes nothing") {
  ScheduleScene scene{"self", 1};
  scene.dataset(2);
  CHECK(scene.lose(node_2).facts.empty());
  CHECK(scene.held[node_1].size() == 2);
}

TEST_CASE("a node that comes back is a new one: its late solution is dropped, its attempts are others") {
  ScheduleScene scene{"self", 2, {.prefetch = 0}};
  scene.dataset(2);
  scene.start(node_1, try_of(0, 1));
  scene.lose(node_1);
  scene.play(NodeJoined{node_1});
  CHECK(scene.held[node_1].front() == try_of(0, 2));
  CHECK(has_fact<NewsDropped>(scene.solve(node_1, try_of(0, 1))));
  scene.solve(node_2, try_of(1, 1));
  CHECK(has_fact<RunFinished>(scene.solve(node_1, try_of(0, 2))));
}

TEST_CASE("a node that comes back has no block of its own any more, but shares what is left") {
  ScheduleScene scene{"cyclic", 2, {.prefetch = 0}};
  scene.dataset(20);
  scene.lose(node_1);
  scene.play(NodeJoined{node_1});
  while (!scene.held[node_1].empty() || !scene.held[node_2].empty())
    for (auto const node : {node_1, node_2})
      if (!scene.held[node].empty()) scene.solve_next(node);
  CHECK(scene.dispatcher.ledger().finished());
}

TEST_CASE("jobs that are found after a node was lost are dealt like those before") {
  ScheduleScene scene{"weighted-round-robin", 2, {.prefetch = 0}};
  scene.play(JobsFound{4});
  for (int i = 0; i < 2; ++i) scene.solve_next(node_1);  // job 3 is dealt to node 2, which has not taken it
  scene.lose(node_2);
  for (int i = 0; i < 2; ++i) scene.solve_next(node_1);
  scene.play(JobsFound{6});
  scene.play(DatasetEnded{});
  while (!scene.held[node_1].empty()) scene.solve_next(node_1);
  CHECK(scene.dispatcher.ledger().finished());
}

TEST_CASE("a node that is silent for longer than its lease lapses, once") {
  Leases leases{1s};
  Time now{};
  leases.heard(node_1, now);
  leases.heard(node_2, now);
  CHECK(poll(leases, now, 900ms).empty());
  leases.heard(node_2, now);
  CHECK(poll(leases, now, 500ms) == std::vector<NodeId>{node_1});
  CHECK(poll(leases, now, 300ms).empty());
  CHECK(poll(leases, now, 5s) == std::vector<NodeId>{node_2});
}

TEST_CASE("silence counts only while the Main Node was polling") {
  Leases leases{1s};
  Time now{};
  leases.heard(node_1, now);
  CHECK(poll(leases, now, 500ms).empty());
  now += 1h;  // a debugger, a full disk, a stopped job
  CHECK(leases.lapsed(now).empty());
  CHECK(poll(leases, now, 300ms).empty());
  CHECK(poll(leases, now, 300ms) == std::vector<NodeId>{node_1});
}

TEST_CASE("a node that is heard after a long pause has its whole lease before it") {
  Leases leases{1s};
  Time now{};
  static_cast<void>(leases.lapsed(now));
  now += 1h;
  leases.heard(node_1, now);
  static_cast<void>(leases.lapsed(now));
  CHECK(poll(leases, now, 1s).empty());
  CHECK(poll(leases, now, 300ms).size() == 1);
}

TEST_CASE("an exempt node may be silent, and has its whole lease afterwards") {
  Leases leases{1s};
  Time now{};
  leases.heard(node_1, now);
  leases.exempt(node_1, true);
  CHECK(poll(leases, now, 1min).empty());
  leases.exempt(node_1, false);
  CHECK(poll(leases, now, 900ms).empty());
  CHECK(poll(leases, now, 500ms).size() == 1);
}

TEST_CASE("without a lease, or forgotten, no node lapses") {
  Leases never{0s}, leases{1s};
  Time now{};
  never.heard(node_1, now);
  leases.heard(node_1, now);
  leases.forget(node_1);
  CHECK(poll(never, now, 1min).empty());
  CHECK(poll(leases, now, 1min).empty());
}

}  // namespace ballast
