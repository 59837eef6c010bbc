// The policies as a list, and those that give nodes lanes of their own.
#include "ballast/core/error.hpp"
#include "support/catch.hpp"
#include "support/chunk_sizes.hpp"
#include "support/schedule_scene.hpp"

namespace ballast {
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
  JobTimes const many{4000, 1e-5, 0};
  PoolView const plenty{1'000'000, 1'000'000, 4, 4, many, {}};
  auto const chunk = [&](Duration runtime, PoolView const& pool) {
    return policy->chunk({.solvers = 1, .mean_runtime = runtime}, pool);
  };
  CHECK(policy->chunk({.solvers = 1, .mean_runtime = {}}, plenty) == 1);
  CHECK(chunk(std::chrono::microseconds{10}, plenty) == 100);
  CHECK(chunk(std::chrono::milliseconds{5}, plenty) == 1);
  CHECK(chunk(std::chrono::microseconds{10}, {1000, 80, 4, 4, many, {}}) == 10);
  CHECK(chunk(std::chrono::microseconds{10}, {1000, 3, 4, 4, many, {}}) == 1);
  CHECK(chunk(Duration{0}, {1000, 3, 1, 1, many, {}}) == 2);
}

TEST_CASE("auto gives little before much is known, since a few jobs do not stand for all") {
  auto const policy = make_policy("auto");
  PoolView const early{1'000'000, 1'000'000, 4, 4, {4, 1e-5, 0}, {}};
  CHECK(policy->chunk({.mean_runtime = std::chrono::microseconds{10}}, early) == 16);
}

TEST_CASE("auto makes chunks larger where single jobs would keep the Main Node busy") {
  auto const policy = make_policy("auto");
  auto const chunk = [&](std::uint32_t nodes) {
    PoolView const pool{
        100'000'000, 100'000'000, nodes, nodes, {1'000'000'000, 1e-2, 0}, std::chrono::microseconds{10}};
    return policy->chunk({.mean_runtime = std::chrono::milliseconds{10}}, pool);
  };
  CHECK(chunk(8) == 1);
  CHECK(chunk(100) == 2);
  CHECK(chunk(1000) == 200);
}

TEST_CASE("auto believes in a weight that the spread of the times does not explain") {
  auto const policy = make_policy("auto");
  auto const chunk = [&](double deviation) {
    PoolView const pool{1'000'000, 800, 4, 4, {4000, 1e-6, deviation}, {}};
    return policy->chunk({.weight = 0.5, .mean_runtime = std::chrono::microseconds{1}}, pool);
  };
  CHECK(chunk(0) == 50);
  CHECK(chunk(3e-6) == 100);
}

TEST_CASE("every job is in exactly one lane, however many nodes there are") {
  for (auto const* const name : {"static", "cyclic"})
    for (std::uint32_t const nodes : {1U, 2U, 3U, 4U, 7U, 64U})
      for (std::uint64_t const jobs : {0U, 1U, nodes - 1, nodes, nodes + 1, 1000U}) {
        CAPTURE(name, nodes, jobs);
        std::vector<int> owners(jobs);
        auto const policy = make_policy(name);
        for (std::uint32_t place = 0; place < nodes; ++place) {
          auto const lane = policy->lane(place, pool_of(jobs, jobs, nodes));
          REQUIRE(lane);
          for (auto job = lane->first; job < std::min(lane->end, jobs); job += lane->stride) ++owners[job];
        }
        CHECK(std::count(owners.begin(), owners.end(), 1) == static_cast<std::ptrdiff_t>(jobs));
      }
}

TEST_CASE("a policy that is not listed is refused by name") {
  CHECK_THROWS_AS(make_policy("gided"), UsageError);
  CHECK_THROWS_AS(make_policy(""), UsageError);
  for (auto const& entry : policies()) CHECK(make_policy(entry.name) != nullptr);
}

TEST_CASE("every policy is listed once, with one line on what it does") {
  std::vector<std::string_view> names;
  for (auto const& entry : policies()) {
    names.push_back(entry.name);
    CAPTURE(entry.name);
    CHECK(!entry.summary.empty());
    CHECK(entry.summary.find('\n') == std::string_view::npos);
  }
  std::sort(names.begin(), names.end());
  CHECK(std::adjacent_find(names.begin(), names.end()) == names.end());
}

TEST_CASE("a parameter that makes no sense for its policy is refused") {
  for (auto const* const choice :
       {"self:h=1", "fixed:h=1ms", "fixed:sigma=1ms", "fixed:h=soon,sigma=1", "fixed:h=-1,sigma=1", "factoring:mean=1s",
        "factoring:sigma=1s", "factoring:mean=0,sigma=1", "tapering:alpha=-1", "tapering:alpha=much", "tapering:mean=1",
        "trapezoid:first=0", "trapezoid:last=0", "trapezoid:first=2.5", "trapezoid:first=10,last=11",
        "adaptive-weighted-factoring:variant=A", "adaptive-weighted-factoring:variant=b", "guided:", "fixed:h"}) {
    CAPTURE(choice);
    CHECK_THROWS_AS(make_policy(choice), UsageError);
  }
  CHECK_THROWS_WITH(make_policy("fixed:h=1ms"),
                    "the policy `fixed` does not take h=1ms (it needs sigma=TIME, too); correct it");
  CHECK_THROWS_WITH(make_policy("factoring:h=1ms"), Catch::StartsWith("the policy `factoring` has no parameter `h`"));
}

TEST_CASE("only the techniques whose formula has N in it wait for the end of the dataset") {
  for (auto const& entry : policies()) {
    auto const needed = make_policy(entry.name)->traits().total == PolicyTraits::Total::needed;
    CAPTURE(entry.name);
    CHECK(needed == (entry.name == "static" || entry.name == "trapezoid" || entry.name == "fixed"));
  }
  CHECK(make_policy("longest-first")->traits().order == PolicyTraits::Order::longest_first);
}

TEST_CASE("static, cyclic and weighted-round-robin stand by their assignments") {
  for (auto const& entry : policies()) {
    if (entry.name == "auto") continue;
    auto const fixed = make_policy(entry.name)->traits().revision == PolicyTraits::Revision::none;
    CAPTURE(entry.name);
    CHECK(fixed == (entry.name == "static" || entry.name == "cyclic" || entry.name.ends_with("round-robin")));
  }
}

}  // namespace ballast
