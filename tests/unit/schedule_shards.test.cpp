// Jobs that only some nodes can compute.
#include "support/catch.hpp"
#include "support/schedule_scene.hpp"

namespace ballast {
namespace {

using namespace std::chrono_literals;
using Jobs = std::vector<std::uint64_t>;

/// Nodes with these shards, of as many as are named; they hold one job at a time.
struct ShardScene : ScheduleScene {
  ShardScene(std::string_view policy, std::uint32_t shards, std::vector<std::vector<std::uint32_t>> const& owned)
      : ScheduleScene{policy, 0, {.prefetch = 0, .shards = shards}} {
    std::uint32_t rank = 0;
    for (auto const& one : owned) play(NodeJoined{NodeId{++rank}, 1, {}, one});
  }
  void solve_all() {
    for (bool any = true; any;) {
      any = false;
      for (auto& [node, jobs] : held)
        if (!jobs.empty()) {
          any = true;
          solve_next(node);
        }
    }
  }
};

}  // namespace

TEST_CASE("a shard's jobs go to its owners, whatever the policy") {
  for (auto const& policy : policies()) {
    INFO(policy.name);
    ShardScene scene{policy.name, 3, {{0}, {1}, {1, 2}}};
    scene.dataset(30);
    scene.solve_all();
    CHECK(scene.dispatcher.ledger().finished());
    for (auto const job : scene.jobs_of(node_1)) CHECK(job % 3 == 0);
    for (auto const job : scene.jobs_of(node_2)) CHECK(job % 3 == 1);
    for (auto const job : scene.jobs_of(node_3)) CHECK(job % 3 != 0);
    CHECK(scene.jobs_of(node_1).size() == 10);
  }
}

TEST_CASE("a node with several shards begins with the one that has most left for each of its owners") {
  ShardScene scene{"self", 2, {{0, 1}, {0}}};
  scene.dataset(8);
  CHECK(scene.jobs_of(node_1) == Jobs{1});
  CHECK(scene.jobs_of(node_2) == Jobs{0});
}

TEST_CASE("a static policy divides a shard among its owners") {
  ShardScene scene{"static", 2, {{0, 1}, {0}}};
  scene.dataset(8);
  scene.solve_all();
  CHECK(scene.jobs_of(node_2) == Jobs{4, 6});
}

TEST_CASE("jobs of an earlier run are left out of each shard") {
  ShardScene scene{"self", 2, {{0}, {1}}};
  scene.play(JobsResolved{{{JobId{0}, 3}, {JobId{5}, 2}}});
  scene.dataset(9);
  scene.solve_all();
  CHECK(scene.jobs_of(node_1) == Jobs{4, 8});
  CHECK(scene.jobs_of(node_2) == Jobs{3, 7});
  CHECK(scene.dispatcher.ledger().finished());
}

TEST_CASE("what fails on a shard's only owner is tried there again") {
  ShardScene scene{"self", 2, {{0}, {1}}};
  scene.dataset(2);
  scene.fail_next(node_1);
  CHECK(scene.jobs_of(node_1) == Jobs{0, 0});
}

TEST_CASE("what fails where a shard has other owners waits for one of them") {
  ShardScene scene{"self", 2, {{0}, {0, 1}}};
  scene.dataset(4);  // node 1 has job 0, node 2 job 1
  scene.fail_next(node_1);
  CHECK(scene.jobs_of(node_1) == Jobs{0, 2});
  scene.solve_next(node_2);
  CHECK(scene.jobs_of(node_2) == Jobs{1, 0});
}

TEST_CASE("jobs whose owner is lost wait for the next owner, and are charged to nobody when a node begins anew") {
  ShardScene scene{"self", 2, {{0}, {1}}};
  scene.dataset(4);
  scene.start(node_2, scene.held[node_2].front());
  scene.lose(node_1);
  CHECK(scene.jobs_of(node_2) == Jobs{1});
  for (int again = 0; again < 5; ++again) {
    scene.held.erase(node_2);
    scene.play(NodeLeft{node_2});
    CHECK_FALSE(has_fact<RunStranded>(scene.play(NodeJoined{node_2, 1, {}, {0, 1}})));
    scene.start(node_2, scene.held[node_2].front());
  }
  scene.solve_all();
  CHECK(scene.dispatcher.ledger().finished());
}

TEST_CASE("an idle node gets a second copy of what it owns, and of nothing else") {
  ShardScene scene{"auto", 2, {{0}, {1}, {0}}};
  scene.dataset(3);  // jobs 0, 1, 2
  for (auto& [node, jobs] : scene.held) scene.start(node, jobs.front());
  scene.solve(node_3, scene.held[node_3].front(), 1ms);
  scene.now += 1s;
  scene.play(TimePassed{});
  CHECK(scene.jobs_of(node_3) == Jobs{2, 0});
}

TEST_CASE("jobs are taken back for an idle node that owns all the shards of the laden one") {
  for (bool const owns_all : {true, false}) {
    ScheduleScene scene{"auto", 0, {.prefetch = 4, .speculation = Speculation::off, .shards = 2}};
    scene.play(NodeJoined{node_1, 1, {}, {0, 1}});
    scene.dataset(6);
    scene.start(node_1, scene.held[node_1].front());
    scene.solve_next(node_1);
    auto step = scene.play(NodeJoined{node_2, 1, {}, owns_all ? std::vector{0U, 1U} : std::vector{0U}});
    bool recalled = has_action<RecallJobs>(step);
    scene.now += 1s;
    recalled |= has_action<RecallJobs>(scene.play(TimePassed{}));
    CHECK(recalled == owns_all);
  }
}

}  // namespace ballast
