// A run that goes on where an earlier one ended: what is resolved stays so, and policies see only what is left.
#include <random>

#include "ballast/core/contract.hpp"
#include "schedule/gaps.hpp"
#include "schedule/pool.hpp"
#include "support/catch.hpp"
#include "support/schedule_scene.hpp"

namespace ballast {
namespace {

using namespace std::chrono_literals;

ScheduleScene resumed(std::string_view policy, std::vector<JobSpan> spans, std::uint32_t nodes = 2, Rules rules = {}) {
  ScheduleScene scene{policy, nodes, rules};
  scene.play(JobsResolved{std::move(spans)});
  return scene;
}

}  // namespace

TEST_CASE("places and jobs are mapped both ways around any gaps") {
  std::mt19937_64 random{3};
  for (int round = 0; round < 200; ++round) {
    std::vector<JobSpan> spans;
    std::vector<std::uint64_t> left;
    for (std::uint64_t job = 0; job < 60;) {
      auto const count = random() % 4;
      if (random() % 2 == 0)
        spans.push_back({JobId{job}, count});
      else
        for (std::uint64_t i = 0; i < count; ++i) left.push_back(job + i);
      job += count;
    }
    Gaps const gaps{spans};
    for (std::uint64_t place = 0; place < left.size(); ++place) {
      REQUIRE(gaps.job_at(place) == JobId{left[place]});
      REQUIRE(gaps.left_below(JobId{left[place]}) == place);
      REQUIRE(gaps.left_below(JobId{left[place] + 1}) == place + 1);
    }
  }
}

TEST_CASE("spans that overlap or are out of order are a broken contract") {
  std::vector<JobSpan> const overlapping{{JobId{3}, 2}, {JobId{4}, 1}};
  std::vector<JobSpan> const disordered{{JobId{3}, 2}, {JobId{0}, 1}};
  CHECK_THROWS_AS(Gaps{overlapping}, ContractViolation);
  CHECK_THROWS_AS(Gaps{disordered}, ContractViolation);
}

TEST_CASE("a run is cut where a gap is") {
  Pool pool;
  pool.leave_out({{JobId{2}, 3}, {JobId{7}, 1}});
  pool.grow(10);
  CHECK(pool.total() == 6);
  CHECK(pool.take(node_1, 1) == JobRuns{{JobId{0}, 1, Attempt{1}}});
  CHECK(pool.take(node_1, 4) ==
        JobRuns{{JobId{1}, 1, Attempt{1}}, {JobId{5}, 2, Attempt{1}}, {JobId{8}, 1, Attempt{1}}});
  CHECK(pool.take(node_1, 4) == JobRuns{{JobId{9}, 1, Attempt{1}}});
}

TEST_CASE("jobs that were found up to the middle of a gap do not count as left") {
  Pool pool;
  pool.leave_out({{JobId{2}, 4}});
  pool.grow(4);
  CHECK(pool.total() == 2);
  pool.grow(7);
  CHECK(pool.total() == 3);
}

TEST_CASE("resolved jobs are not assigned, and the run finishes with the others") {
  auto scene = resumed("self", {{JobId{0}, 2}, {JobId{3}, 1}});
  scene.dataset(5);
  CHECK(scene.jobs_of(node_1) == std::vector<std::uint64_t>{2});
  CHECK(scene.jobs_of(node_2) == std::vector<std::uint64_t>{4});
  scene.solve_next(node_1);
  CHECK(has_fact<RunFinished>(scene.solve_next(node_2)));
}

TEST_CASE("a run of which nothing is left finishes at once") {
  for (auto const& policy : policies()) {
    INFO(policy.name);
    auto scene = resumed(policy.name, {{JobId{0}, 9}});
    CHECK(has_fact<RunFinished>(scene.dataset(9)));
    CHECK(scene.chunks.empty());
  }
}

TEST_CASE("policies divide what is left, not what there was") {
  auto scene = resumed("static", {{JobId{0}, 60}});
  scene.dataset(100);
  CHECK(scene.jobs_of(node_1).size() == 20);
  CHECK(scene.jobs_of(node_1).front() == 60);
  CHECK(scene.jobs_of(node_2).front() == 80);
}

TEST_CASE("a solution of a job that was resolved before the run is dropped") {
  auto scene = resumed("self", {{JobId{0}, 1}});
  scene.dataset(3);
  CHECK(has_fact<NewsDropped>(scene.solve(node_1, {JobId{0}, Attempt{1}})));
  CHECK(scene.dispatcher.ledger().unresolved() == 2);
}

TEST_CASE("the longest job that is left goes first, by costs that count the resolved ones, too") {
  auto scene = resumed("longest-first", {{JobId{1}, 1}}, 1, {.prefetch = 0});
  scene.play(CostsExpected{{1, 9, 2, 5}});
  scene.dataset(4);
  while (!scene.held[node_1].empty()) scene.solve_next(node_1);
  CHECK(scene.jobs_of(node_1) == std::vector<std::uint64_t>{3, 2, 0});
}

TEST_CASE("ten million jobs of which every other is resolved are scattered, but what is in flight stays small") {
  std::vector<JobSpan> spans;
  for (std::uint64_t job = 0; job < 10'000'000; job += 2) spans.push_back({JobId{job}, 1});
  for (auto const* const policy : {"static", "cyclic", "guided", "auto"}) {
    INFO(policy);
    Dispatcher dispatcher{policy, {}};
    for (auto const node : {node_1, node_2}) static_cast<void>(dispatcher.on(NodeJoined{node}, {}));
    static_cast<void>(dispatcher.on(JobsResolved{spans}, {}));
    static_cast<void>(dispatcher.on(JobsFound{10'000'000}, {}));
    auto const step = dispatcher.on(DatasetEnded{}, {});
    CHECK(dispatcher.ledger().unresolved() == 5'000'000);
    CHECK(dispatcher.ledger().runs_in_flight() <= 2 * Pool::most_runs);
  }
}

}  // namespace ballast
