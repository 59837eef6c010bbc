// What a simulated node makes of the orders that it gets.
#include "sim/fleet.hpp"

#include "schedule/job_queue.hpp"
#include "support/catch.hpp"

namespace ballast {
namespace {

using std::chrono::milliseconds;

constexpr NodeId node{1};
constexpr Attempt first_try{1};

JobAttempt job(std::uint64_t id) { return {JobId{id}, first_try}; }
JobRuns run(std::uint64_t first, std::uint64_t count) { return {{JobId{first}, count, first_try}}; }

/// One node with one solver whose jobs take 10 ms, and what it has written.
struct NodeScene {
  void order(Action const& action, Time now) { fleet.obey(node, action, now); }
  /// Lets happen what is due up to this time; returns the reports that arrived meanwhile.
  std::vector<NodeReport> until(Time end) {
    std::vector<NodeReport> reports;
    while (!agenda.empty() && agenda.next() <= end) {
      auto const next = agenda.take();
      if (next.kind == Happening::Kind::attempt_ends)
        fleet.end_attempt(next);
      else
        reports.push_back(mail.take_report(next.slot));
    }
    return reports;
  }

  Workload workload{JobCosts(100, milliseconds{10}), {"equal", 1}};
  SimulationSetting setting{};
  Agenda agenda{};
  Mail mail{agenda, Duration{0}};
  Fleet fleet{workload, setting, agenda, mail};
};

constexpr Time after(int time_ms) { return Time{milliseconds{time_ms}}; }

}  // namespace

TEST_CASE("a node tells its first start, and each end with the next start") {
  NodeScene scene;
  scene.order(AssignJobs{node, run(0, 2), AnotherTry{}}, after(0));
  auto const reports = scene.until(after(20));
  REQUIRE(reports.size() == 3);
  CHECK(reports[0].started == std::vector{job(0)});
  CHECK_FALSE(reports[0].ended);
  CHECK(reports[1].ended->name == job(0));
  CHECK(reports[1].ended->runtime == milliseconds{10});
  CHECK(reports[1].started == std::vector{job(1)});
  CHECK(reports[2].ended->name == job(1));
  CHECK(reports[2].started.empty());
}

TEST_CASE("a node gives back what it has not started, the last jobs first, and answers in any case") {
  NodeScene scene;
  scene.order(AssignJobs{node, run(0, 5), AnotherTry{}}, after(0));
  scene.order(RecallJobs{node, 2}, after(1));
  scene.order(RecallJobs{node, 9}, after(2));
  scene.order(RecallJobs{node, 9}, after(3));
  auto const reports = scene.until(after(5));
  REQUIRE(reports.size() == 4);
  CHECK(*reports[1].released == run(3, 2));
  CHECK(*reports[2].released == run(1, 2));
  CHECK(reports[3].released->empty());
}

TEST_CASE("a cancelled attempt makes room for the next job, and no news") {
  NodeScene scene;
  scene.order(AssignJobs{node, run(0, 3), AnotherTry{}}, after(0));
  static_cast<void>(scene.until(after(4)));
  scene.order(CancelJob{node, job(1)}, after(4));
  scene.order(CancelJob{node, job(0)}, after(5));
  auto const reports = scene.until(after(100));
  REQUIRE(reports.size() == 2);
  CHECK_FALSE(reports[0].ended);
  CHECK(reports[0].started == std::vector{job(2)});
  CHECK(reports[1].ended->name == job(2));
  CHECK(reports[1].ended->runtime == milliseconds{10});
}

TEST_CASE("a dead node neither ends what it computes nor starts what it is sent") {
  NodeScene scene;
  scene.order(AssignJobs{node, run(0, 2), AnotherTry{}}, after(0));
  scene.fleet.kill(node, after(4));
  scene.order(AssignJobs{node, run(2, 2), AnotherTry{}}, after(5));
  scene.order(RecallJobs{node, 1}, after(6));
  CHECK(scene.until(after(100)).size() == 1);
  CHECK(scene.fleet.idle_share(after(100)) == 0);
}

TEST_CASE("cancelling what is not there changes nothing") {
  NodeScene scene;
  scene.order(AssignJobs{node, run(0, 1), AnotherTry{}}, after(0));
  scene.order(CancelJob{node, {JobId{0}, Attempt{2}}}, after(1));
  scene.order(CancelJob{node, job(7)}, after(1));
  CHECK(scene.until(after(10)).size() == 2);
}

TEST_CASE("a queue is cut at both ends and in the middle") {
  JobQueue queue;
  queue.push({{JobId{0}, 4, first_try}, {JobId{10}, 2, first_try}});
  CHECK(queue.drop(job(2)));
  CHECK_FALSE(queue.drop(job(2)));
  CHECK(queue.count() == 5);
  CHECK(queue.release(3) == JobRuns{{JobId{3}, 1, first_try}, {JobId{10}, 2, first_try}});
  CHECK(queue.pop() == job(0));
  CHECK(queue.drop(job(1)));
  CHECK_FALSE(queue.pop());
  CHECK(queue.count() == 0);
}

}  // namespace ballast
