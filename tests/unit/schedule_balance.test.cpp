// Take-back and second copies: what happens when nodes are idle and nothing is left to assign.
#include "support/catch.hpp"
#include "support/schedule_scene.hpp"

namespace ballast {
namespace {

using namespace std::chrono_literals;

JobAttempt first_try(std::uint64_t job) { return {JobId{job}, Attempt{1}}; }

template <class Kind>
std::vector<Kind> all(Step const& step) {
  std::vector<Kind> found;
  for (auto const& action : step.actions)
    if (auto const* const one = std::get_if<Kind>(&action)) found.push_back(*one);
  return found;
}

/// Node 1 holds job 0 and, not started, 2 and 4; node 2 has nothing any more.
ScheduleScene laden_and_idle(std::string_view policy = "auto") {
  ScheduleScene scene{policy, 2, {.prefetch = 2}};
  scene.play(JobsFound{6});
  scene.play(DatasetEnded{});
  scene.start(node_1, scene.held[node_1].front());
  return scene;
}

/// The node solves what it gets, up to its first copy of another's job.
Step run_dry(ScheduleScene& scene, NodeId node) {
  Step last;
  auto const is_copy = [](AssignJobs const& one) { return std::holds_alternative<SecondCopy>(one.reason); };
  while (!scene.held[node].empty()) {
    auto const given = all<AssignJobs>(last);
    if (std::any_of(given.begin(), given.end(), is_copy)) break;
    scene.now += 10ms;
    last = scene.solve(node, scene.held[node].front(), 10ms);
  }
  return last;
}

}  // namespace

TEST_CASE("an idle node gets what another has not started") {
  auto scene = laden_and_idle();
  auto const recalls = all<RecallJobs>(run_dry(scene, node_2));
  REQUIRE(recalls.size() == 1);
  CHECK(recalls[0].node == node_1);
  auto const back = scene.held[node_1].back();
  auto const given = all<AssignJobs>(scene.release(node_1, {back}));
  REQUIRE(given.size() == 1);
  CHECK(given[0].node == node_2);
  CHECK(given[0].runs == JobRuns{{back.job, 1, back.attempt}});
  CHECK(std::holds_alternative<Moved>(given[0].reason));
}

TEST_CASE("a job that was moved is solved once, by its new node") {
  auto scene = laden_and_idle();
  run_dry(scene, node_2);
  auto const back = scene.held[node_1].back();
  scene.release(node_1, {back});
  CHECK(has_fact<NewsDropped>(scene.play(SolutionArrived{node_1, back, 1ms})));
  CHECK(has_fact<SolutionAccepted>(scene.solve(node_2, back, 1ms)));
}

TEST_CASE("nothing more is recalled from a node before it has answered") {
  auto scene = laden_and_idle();
  run_dry(scene, node_2);
  scene.now += 1s;
  CHECK_FALSE(has_action<RecallJobs>(scene.play(TimePassed{})));
  scene.release(node_1, {});
  scene.now += 1s;
  CHECK(has_action<RecallJobs>(scene.play(TimePassed{})));
}

TEST_CASE("the techniques of the literature keep their chunks") {
  for (auto const* const policy : {"self", "guided"}) {
    auto scene = laden_and_idle(policy);
    CHECK_FALSE(has_action<RecallJobs>(run_dry(scene, node_2)));
  }
}

TEST_CASE("jobs are not moved to a node on which they would end later") {
  std::vector<IdleNode> const slow{{node_2, 1, 1, 40ms}};
  CHECK(plan_recalls({{node_1, 1, 1, 10ms, 10ms}}, slow, 0ms).empty());
  CHECK(plan_recalls({{node_1, 1, 9, 10ms, 10ms}}, slow, 0ms).at(0).count == 2);
  CHECK(plan_recalls({{node_1, 1, 1, 10ms, 10ms}}, {{node_2, 1, 1, 10ms}}, 0ms).at(0).count == 1);
  CHECK(plan_recalls({{node_1, 1, 1, 10ms, 10ms}}, {{node_2, 1, 1, 10ms}}, 20ms).empty());
}

TEST_CASE("several idle nodes share what one holds, and the most laden gives first") {
  std::vector<IdleNode> const idle{{node_2, 1, 1, 10ms}, {node_3, 1, 1, 10ms}};
  CHECK(plan_recalls({{node_1, 1, 9, 10ms, 10ms}}, idle, 0ms).at(0).count == 6);
  auto const recalls = plan_recalls({{NodeId{4}, 1, 1, 10ms, 10ms}, {node_1, 1, 9, 10ms, 10ms}}, idle, 0ms);
  REQUIRE_FALSE(recalls.empty());
  CHECK(recalls.back().from == node_1);
}

TEST_CASE("jobs behind an attempt that does not end are moved, however long moving takes") {
  std::vector<IdleNode> const idle{{node_2, 1, 1, 2ms}};
  CHECK(plan_recalls({{node_1, 1, 1, 2ms, 1ms}}, idle, 5ms).empty());
  CHECK(plan_recalls({{node_1, 1, 1, 2ms, 50ms}}, idle, 5ms).at(0).count == 1);
}

TEST_CASE("a round trip is the shortest of the latest eight") {
  RoundTrip trip;
  CHECK(trip.shortest() == 0ms);
  for (auto const sample : {9ms, 2ms, 7ms}) trip.count(sample);
  CHECK(trip.shortest() == 2ms);
  for (int i = 0; i < 7; ++i) trip.count(30ms);
  CHECK(trip.shortest() == 7ms);
}

TEST_CASE("a straggler on a slow node gets a second copy, and the first solution ends the other") {
  ScheduleScene scene{"self", 2, {.prefetch = 0}};
  scene.dataset(20);
  for (int i = 0; i < 5; ++i) scene.solve(node_1, scene.held[node_1].front(), 40ms);
  auto const late = scene.held[node_1].front();
  scene.start(node_1, late);
  auto const copies = all<AssignJobs>(run_dry(scene, node_2));
  REQUIRE(copies.size() == 1);
  CHECK(std::holds_alternative<SecondCopy>(copies[0].reason));
  JobAttempt const copy{late.job, late.attempt.next()};
  auto const step = scene.solve(node_2, copy, 10ms);
  REQUIRE(all<CancelJob>(step).size() == 1);
  CHECK(all<CancelJob>(step)[0].name == late);
  CHECK(has_fact<RunFinished>(step));
  CHECK(has_fact<NewsDropped>(scene.play(SolutionArrived{node_1, late, 80ms})));
}

TEST_CASE("a node that may take one more job gets one copy, however many solvers it has") {
  ScheduleScene scene{"self", 0, {.prefetch = 0, .max_jobs_per_node = 4}};
  for (auto const node : {node_1, node_2}) scene.play(NodeJoined{node, 3});
  scene.dataset(6);
  for (auto const node : {node_1, node_2})
    for (auto const& name : std::deque{scene.held[node]}) scene.start(node, name);
  scene.now += 10ms;
  while (!scene.held[node_2].empty()) scene.solve(node_2, scene.held[node_2].front(), 10ms);
  for (int i = 0; i < 3; ++i) {
    scene.now += 1s;
    scene.play(TimePassed{});
  }
  CHECK(scene.jobs_of(node_2).size() == 4);
}

TEST_CASE("a copy that fails leaves the job to the other attempt") {
  Ledger ledger;
  ledger.pool().grow(1);
  static_cast<void>(ledger.assign(node_1, 0, 1));
  auto const copy = ledger.copy({node_1, first_try(0)}, node_2);
  CHECK(ledger.fail(node_2, copy)->rival == Ledger::Troubles::Rival::at_work);
  CHECK(ledger.settle(node_1, first_try(0)));
  CHECK_FALSE(ledger.take_rival(JobId{0}));
}

TEST_CASE("a job that fails too often is given up together with its copy, and one that has failed gets none") {
  ScheduleScene scene{"self", 2, {.retries = 0, .prefetch = 0}};
  scene.dataset(20);
  for (int i = 0; i < 5; ++i) scene.solve(node_1, scene.held[node_1].front(), 40ms);
  auto const sick = scene.held[node_1].front();
  scene.start(node_1, sick);
  REQUIRE(all<AssignJobs>(run_dry(scene, node_2)).size() == 1);
  auto const step = scene.fail(node_1, sick);
  CHECK(has_fact<JobGivenUp>(step));
  CHECK(has_fact<RunFinished>(step));
  REQUIRE(all<CancelJob>(step).size() == 1);
  CHECK(all<CancelJob>(step)[0].node == node_2);

  Ledger ledger;
  ledger.pool().grow(1);
  static_cast<void>(ledger.assign(node_1, 0, 1));
  static_cast<void>(ledger.fail(node_1, first_try(0)));
  CHECK_FALSE(ledger.may_copy(JobId{0}));
}

TEST_CASE("attempts after a copy have numbers of their own") {
  Ledger ledger;
  ledger.pool().grow(1);
  static_cast<void>(ledger.assign(node_1, 0, 1));
  auto const copy = ledger.copy({node_1, first_try(0)}, node_2);
  static_cast<void>(ledger.fail(node_2, copy));
  REQUIRE(ledger.fail(node_1, first_try(0))->rival == Ledger::Troubles::Rival::none);
  ledger.retry(first_try(0), node_1);
  auto const again = ledger.reassign(node_2, 1, Ledger::Fallback::take_it_again);
  CHECK(again.runs == JobRuns{{JobId{0}, 1, Attempt{3}}});
}

TEST_CASE("a lost node's job goes to nobody else while its copy is at work") {
  Ledger ledger;
  ledger.pool().grow(2);
  static_cast<void>(ledger.assign(node_1, 0, 2));
  auto const copy = ledger.copy({node_1, first_try(0)}, node_2);
  ledger.lose(node_1);
  CHECK(ledger.reassign(node_2, 5, Ledger::Fallback::take_it_again).runs == JobRuns{{JobId{1}, 1, Attempt{2}}});
  CHECK_FALSE(ledger.has_waiting());
  ledger.lose(node_2);
  CHECK(ledger.reassign(node_3, 1, Ledger::Fallback::take_it_again).runs ==
        JobRuns{{JobId{0}, 1, copy.attempt.next()}});
}

TEST_CASE("equal nodes get no copies, unless one of them hangs") {
  Straggler const running{{node_1, first_try(0)}, 15ms, 10ms};
  std::vector<IdleNode> const idle{{node_2, 1, 1, 10ms}};
  CHECK(plan_copies({running}, idle, 0ms, 1s).empty());
  CHECK(plan_copies({running}, idle, 0ms, 14ms).size() == 1);
}

TEST_CASE("where costs are known, a job that is late for its cost is copied, and one that costs much is not") {
  std::vector<IdleNode> const idle{{node_2, 1, 1, 10ms}};
  Straggler const late{{node_1, first_try(0)}, 60ms, 50ms, 5.0};
  CHECK(plan_copies({late}, idle, 0ms, 1s).size() == 1);
  Straggler const large{{node_1, first_try(0)}, 60ms, 500ms, 50.0};
  CHECK(plan_copies({large}, idle, 0ms, 1s).empty());
}

TEST_CASE("no copies without speculation, of a stream that goes on, or of a static plan") {
  auto const copies = [](std::string_view policy, Speculation speculation, bool ended) {
    ScheduleScene scene{policy, 2, {.prefetch = 0, .speculation = speculation}};
    scene.play(JobsFound{8});
    if (ended) scene.play(DatasetEnded{});
    scene.start(node_1, scene.held[node_1].front());
    run_dry(scene, node_2);
    scene.now += 100s;
    scene.play(TimePassed{});
    return scene.held[node_2].size();
  };
  CHECK(copies("self", Speculation::on, true) == 1);
  CHECK(copies("self", Speculation::off, true) == 0);
  CHECK(copies("self", Speculation::on, false) == 0);
  CHECK(copies("static", Speculation::on, true) == 0);
}

TEST_CASE("an idle end sets the alarm, and the end of the run takes it away") {
  auto scene = laden_and_idle("self");
  run_dry(scene, node_2);
  REQUIRE(scene.dispatcher.alarm());
  CHECK(*scene.dispatcher.alarm() > scene.now);
  scene.now += 100ms;
  run_dry(scene, node_1);
  CHECK_FALSE(scene.dispatcher.alarm());
}

TEST_CASE("the costliest jobs go first where costs are known, and equal ones in dataset order") {
  ScheduleScene scene{"auto", 1, {.prefetch = 4}};
  scene.play(CostsExpected{{1, 5, 3, 5}});
  scene.play(JobsFound{5});
  CHECK(scene.jobs_of(node_1).empty());
  scene.play(DatasetEnded{});
  run_dry(scene, node_1);
  CHECK(scene.jobs_of(node_1) == std::vector<std::uint64_t>{1, 3, 2, 0, 4});
}

TEST_CASE("a long job does not go to a node that is not known, nor to one that is slow") {
  ScheduleScene scene{"auto", 2, {.prefetch = 0}};
  std::vector<double> costs(20, 1.0);
  costs[7] = 9;
  costs[8] = 8;
  scene.play(CostsExpected{costs});
  scene.dataset(20);
  CHECK(scene.jobs_of(node_1) == std::vector<std::uint64_t>{0});
  for (int i = 0; i < 4; ++i)
    scene.solve(node_1, scene.held[node_1].front(), 40ms * (scene.held[node_1].front().job == JobId{7} ? 9 : 1));
  CHECK(scene.jobs_of(node_1)[1] == 7);
  for (int i = 0; i < 3; ++i) scene.solve(node_2, scene.held[node_2].front(), 1000ms);
  auto const slow = scene.jobs_of(node_2);
  CHECK(std::count(slow.begin(), slow.end(), std::uint64_t{8}) == 0);
}

TEST_CASE("an arranged pool gives the costliest job within a limit, and the cheapest if there is none") {
  Pool pool;
  pool.grow(5);
  pool.arrange({1, 5, 3, 5, 2});
  CHECK(pool.cost_left() == 16);
  CHECK(pool.take(node_1, 1, {.each = 4}) == JobRuns{{JobId{2}, 1, Attempt{1}}});
  CHECK(pool.take(node_1, 1, {.each = 0.5}) == JobRuns{{JobId{0}, 1, Attempt{1}}});
  JobRuns const rest{{JobId{1}, 1, Attempt{1}}, {JobId{3}, 1, Attempt{1}}, {JobId{4}, 1, Attempt{1}}};
  CHECK(pool.take(node_1, 9) == rest);
  CHECK(pool.cost_left() == 0);
  CHECK(pool.take(node_1, 1, {.each = 1}).empty());
}

TEST_CASE("a chunk of an arranged pool costs what it may, and is made of the costliest and the cheapest jobs") {
  Pool pool;
  pool.grow(8);
  pool.arrange({9, 4, 4, 1, 1, 2, 2, 2});
  auto const ids = [](JobRuns const& runs) {
    std::vector<std::uint64_t> jobs;
    for (auto const& run : runs) jobs.push_back(run.first.value());
    return jobs;
  };
  CHECK(ids(pool.take(node_1, 3, {.together = 6})) == std::vector<std::uint64_t>{0});
  CHECK(ids(pool.take(node_1, 3, {.together = 8})) == std::vector<std::uint64_t>{1, 4, 3});
  CHECK(ids(pool.take(node_1, 2, {.each = 2, .together = 100})) == std::vector<std::uint64_t>{5, 6});
  CHECK(ids(pool.take(node_1, 9, {.together = 100})) == std::vector<std::uint64_t>{2, 7});
  CHECK(pool.untaken() == 0);
  CHECK(pool.cost_left() == 0);
}

TEST_CASE("a long job does not wait behind another one while other nodes have less to do") {
  ScheduleScene scene{"auto", 2, {.prefetch = 1}};
  std::vector<double> costs(20, 1.0);
  costs[18] = 30;
  costs[19] = 20;
  scene.play(CostsExpected{costs});
  scene.dataset(20);
  scene.solve(node_1, scene.held[node_1].front(), 10ms);
  REQUIRE(scene.held[node_1].back().job == JobId{18});
  scene.solve(node_1, scene.held[node_1].front(), 10ms);
  REQUIRE(scene.held[node_1].size() == 2);
  CHECK(scene.held[node_1].back().job != JobId{19});
}

}  // namespace ballast
