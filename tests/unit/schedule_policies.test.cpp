// The policies against their closed forms, N = 1000 and P = 4 where nothing else is said.
#include "ballast/core/error.hpp"
#include "support/catch.hpp"
#include "support/schedule_scene.hpp"

namespace ballast {
namespace {

using Sizes = std::vector<std::uint64_t>;

/// Chunk sizes for nodes that ask in turn, all from one pool.
Sizes chunk_sizes(Policy& policy, std::uint64_t jobs, std::uint32_t nodes,
                  NodeView node = {.solvers = 1, .mean_runtime = {}}) {
  Sizes sizes;
  for (auto left = jobs; left > 0;) {
    auto const size = std::min(left, policy.chunk(node, {jobs, left, nodes, nodes, {}, {}}));
    REQUIRE(size > 0);
    sizes.push_back(size);
    left -= size;
  }
  return sizes;
}

}  // namespace

TEST_CASE("guided takes a P-th of what is left, as in Polychronopoulos & Kuck 1987") {
  auto const policy = make_policy("guided");
  CHECK(chunk_sizes(*policy, 1000, 4) ==
        Sizes{250, 188, 141, 106, 79, 59, 45, 33, 25, 19, 14, 11, 8, 6, 4, 3, 3, 2, 1, 1, 1, 1});
  CHECK(chunk_sizes(*policy, 3, 1) == Sizes{3});
}

TEST_CASE("self hands out single jobs") { CHECK(chunk_sizes(*make_policy("self"), 5, 4) == Sizes{1, 1, 1, 1, 1}); }

TEST_CASE("static gives node i the i-th block of ⌈N/P⌉") {
  ScheduleScene scene{"static", 4};
  scene.dataset(10);
  CHECK(scene.jobs_of(node_1) == Sizes{0, 1, 2});
  CHECK(scene.jobs_of(node_3) == Sizes{6, 7, 8});
  CHECK(scene.jobs_of(NodeId{4}) == Sizes{9});
  CHECK(scene.chunks[node_1].size() == 1);
}

TEST_CASE("static leaves nodes without jobs when there are fewer jobs than nodes") {
  ScheduleScene scene{"static", 3};
  scene.dataset(2);
  CHECK(scene.jobs_of(node_2) == Sizes{1});
  CHECK(scene.jobs_of(node_3).empty());
}

TEST_CASE("cyclic gives job k to node k mod P, however fast the nodes are") {
  ScheduleScene scene{"cyclic", 3, {.prefetch = 0}};
  scene.dataset(9);
  while (!scene.held[node_2].empty()) scene.solve_next(node_2);
  CHECK(scene.jobs_of(node_2) == Sizes{1, 4, 7});
  CHECK(scene.jobs_of(node_1) == Sizes{0});
}

TEST_CASE("cyclic keeps its order while a stream is still growing") {
  ScheduleScene scene{"cyclic", 2, {.prefetch = 10}};
  scene.play(JobsFound{3});
  scene.play(JobsFound{6});
  scene.play(DatasetEnded{});
  CHECK(scene.jobs_of(node_1) == Sizes{0, 2, 4});
  CHECK(scene.jobs_of(node_2) == Sizes{1, 3, 5});
}

TEST_CASE("auto sends a millisecond of work, and single jobs when they last longer or run out") {
  auto const policy = make_policy("auto");
  PoolView const plenty{1'000'000, 1'000'000, 4, 4, {}, {}};
  auto const chunk = [&](Duration runtime, PoolView const& pool) {
    return policy->chunk({.solvers = 1, .mean_runtime = runtime}, pool);
  };
  CHECK(policy->chunk({.solvers = 1, .mean_runtime = {}}, plenty) == 1);
  CHECK(chunk(std::chrono::microseconds{10}, plenty) == 100);
  CHECK(chunk(std::chrono::milliseconds{5}, plenty) == 1);
  CHECK(chunk(std::chrono::microseconds{10}, {1000, 80, 4, 4, {}, {}}) == 10);
  CHECK(chunk(std::chrono::microseconds{10}, {1000, 3, 4, 4, {}, {}}) == 1);
  CHECK(chunk(Duration{0}, {1000, 3, 1, 1, {}, {}}) == 2);
}

TEST_CASE("a policy that is not listed is refused by name") {
  CHECK_THROWS_AS(make_policy("gided"), UsageError);
  for (auto const& entry : policies()) CHECK(make_policy(entry.name) != nullptr);
}

}  // namespace ballast
