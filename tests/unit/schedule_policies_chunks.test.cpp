// The chunk sizes against the closed forms in the literature, N = 1000 and P = 4 where nothing else is said.
#include "support/catch.hpp"
#include "support/chunk_sizes.hpp"

namespace ballast {
namespace {

/// What a policy has handed out, with news after each chunk.
struct Dealt {
  std::uint64_t chunks{};
  std::uint64_t jobs{};
};

NodeView node_in_turn(std::uint64_t turn, std::uint32_t nodes) {
  auto const place = static_cast<std::uint32_t>(turn % nodes);
  return {.id = NodeId{place + 1}, .weight = nodes == 1 ? 1.0 : 0.5 + place / (nodes - 1.0), .mean_runtime = {}};
}

void end_chunk(Policy& policy, NodeView const& node, std::uint64_t size) {
  for (int job = 1; job <= 2; ++job) policy.learn(JobEnded{node, std::chrono::milliseconds{job}});
  auto const time = std::chrono::milliseconds{size};
  policy.learn(ChunkEnded{node.id, size, time, time});
}

Dealt deal(Policy& policy, std::uint64_t jobs, std::uint32_t nodes) {
  for (std::uint32_t i = 0; i < nodes; ++i) policy.learn(NodeArrived{node_in_turn(i, nodes)});
  Dealt dealt;
  for (std::uint64_t size = 1; size > 0 && dealt.jobs < jobs;) {
    auto const node = node_in_turn(dealt.chunks, nodes);
    size = std::min(jobs - dealt.jobs, policy.chunk(node, pool_of(jobs, jobs - dealt.jobs, nodes)));
    end_chunk(policy, node, size);
    dealt.jobs += size;
    ++dealt.chunks;
  }
  return dealt;
}

/// Every policy, and every variant in which a formula could divide by zero.
std::vector<std::string> choices() {
  std::vector<std::string> all{"fixed:h=1ms,sigma=1s",
                               "fixed:h=1ms,sigma=0",
                               "fixed:h=0,sigma=0",
                               "trapezoid:first=10,last=3",
                               "factoring:mean=1,sigma=2",
                               "factoring:mean=1,sigma=0",
                               "tapering:mean=1,sigma=0.5",
                               "tapering:mean=1,sigma=0",
                               "tapering:alpha=0",
                               "adaptive-weighted-factoring:variant=B",
                               "adaptive-weighted-factoring:variant=D",
                               "adaptive-weighted-factoring:variant=E"};
  for (auto const& entry : policies()) all.emplace_back(entry.name);
  return all;
}

}  // namespace

TEST_CASE("guided takes a P-th of what is left, as in Polychronopoulos & Kuck 1987") {
  CHECK(chunk_sizes("guided", 1000, 4) ==
        Sizes{250, 188, 141, 106, 79, 59, 45, 33, 25, 19, 14, 11, 8, 6, 4, 3, 3, 2, 1, 1, 1, 1});
  CHECK(chunk_sizes("guided", 3, 1) == Sizes{3});
}

TEST_CASE("self, least-outstanding, longest-first and weighted-round-robin hand out single jobs") {
  for (auto const* const name : {"self", "least-outstanding", "longest-first", "weighted-round-robin"})
    CHECK(chunk_sizes(name, 5, 4) == Sizes{1, 1, 1, 1, 1});
}

TEST_CASE("trapezoid takes equal steps down, as in Tzen & Ni 1993") {
  CHECK(chunk_sizes("trapezoid", 1000, 4) == Sizes{125, 117, 109, 101, 93, 85, 77, 69, 61, 53, 45, 37, 28});
}

TEST_CASE("trapezoid begins and ends where it is told") {
  // n = ⌈200/30⌉ = 7, δ = ⌊10/6⌋ = 1
  CHECK(chunk_sizes("trapezoid:first=20,last=10", 100, 4) == Sizes{20, 19, 18, 17, 16, 10});
  CHECK(chunk_sizes("trapezoid:last=5", 20, 4) == Sizes{5, 5, 5, 5});
}

TEST_CASE("trapezoid gives what came back after its last step in chunks of the last size") {
  auto const policy = make_policy("trapezoid:first=20,last=10");
  chunk_sizes(*policy, 100, 4);
  for (auto const size : {14U, 10U, 10U}) CHECK(policy->chunk({.mean_runtime = {}}, pool_of(100, 50, 4)) == size);
}

TEST_CASE("factoring halves what is left batch by batch, as in Flynn Hummel, Schonberg & Flynn 1992") {
  CHECK(chunk_sizes("factoring", 1000, 4) ==
        sizes({{125, 4}, {63, 4}, {31, 4}, {16, 4}, {8, 4}, {4, 4}, {2, 4}, {1, 4}}));
}

TEST_CASE("factoring takes more than half at first when the spread is known to be small") {
  CHECK(chunk_sizes("factoring:mean=1,sigma=0.5", 1000, 4) == sizes({{240, 4}, {5, 4}, {2, 8}, {1, 4}}));
  CHECK(chunk_sizes("factoring:mean=1,sigma=2", 1000, 4) ==
        sizes({{210, 4}, {15, 4}, {9, 4}, {5, 4}, {4, 4}, {2, 8}, {1, 12}}));
  CHECK(chunk_sizes("factoring:mean=1,sigma=0", 1000, 4) == sizes({{250, 4}}));
}

TEST_CASE("factoring counts a node that arrives in mid-batch from the next batch") {
  auto const policy = make_policy("factoring");
  auto const chunk = [&](std::uint64_t left, std::uint32_t nodes) {
    return policy->chunk({.mean_runtime = {}}, pool_of(1000, left, nodes));
  };
  CHECK(chunk(1000, 2) == 250);
  CHECK(chunk(750, 3) == 250);
  CHECK(chunk(500, 3) == 84);
}

TEST_CASE("weighted-factoring gives a node its weight of factoring's chunk") {
  auto const policy = make_policy("weighted-factoring");
  auto const chunk = [&](double weight) {
    return policy->chunk({.weight = weight, .mean_runtime = {}}, pool_of(1000, 1000, 4));
  };
  CHECK(chunk(1) == 125);
  CHECK(chunk(2) == 250);
  CHECK(chunk(0.5) == 63);
  CHECK(chunk(0) == 1);
  CHECK(chunk_sizes("weighted-factoring", 1000, 4) == chunk_sizes("factoring", 1000, 4));
}

TEST_CASE("fixed without parameters makes about as many chunks as factoring") {
  CHECK(chunk_sizes("fixed", 1000, 4) == sizes({{31, 32}, {8, 1}}));
  CHECK(chunk_sizes("fixed", 4, 4) == sizes({{1, 4}}));
}

TEST_CASE("fixed balances the given overhead against the given spread, as in Kruskal & Weiss 1985") {
  // (√2·1000·0.01 / (0.1·4·√ln 4))^⅔ = 30.0275^⅔ = 9.66
  CHECK(chunk_sizes("fixed:h=10ms,sigma=100ms", 1000, 4) == sizes({{10, 100}}));
  CHECK(chunk_sizes("fixed:h=10ms,sigma=0", 1000, 4) == sizes({{250, 4}}));
  CHECK(chunk_sizes("fixed:h=10ms,sigma=1", 1000, 1) == sizes({{1000, 1}}));
  CHECK(chunk_sizes("fixed:h=0,sigma=1", 3, 2) == sizes({{1, 3}}));
  CHECK(chunk_sizes("fixed:h=1h,sigma=1ms", 1000, 4) == sizes({{250, 4}}));
}

TEST_CASE("tapering leaves a margin for the given spread, as in Lucco 1992") {
  auto const expected =
      sizes({{236, 1}, {179, 1}, {136, 1}, {103, 1}, {79, 1}, {60, 1}, {46, 1}, {35, 1}, {27, 1}, {21, 1},
             {16, 1},  {13, 1},  {10, 1},  {8, 1},   {6, 1},  {5, 1},  {4, 1},  {3, 1},  {2, 3},  {1, 7}});
  CHECK(chunk_sizes("tapering:mean=1,sigma=0.5", 1000, 4) == expected);
  CHECK(chunk_sizes("tapering:alpha=0.65,mean=1,sigma=1", 1000, 4) == expected);
  CHECK(chunk_sizes("tapering", 1000, 4, {.count = 2, .mean = 1, .deviation = 0.5}) == expected);
}

TEST_CASE("tapering is guided without a spread, and gives half as much before it knows") {
  CHECK(chunk_sizes("tapering", 1000, 4, {.count = 2, .mean = 1, .deviation = 0}) == chunk_sizes("guided", 1000, 4));
  CHECK(chunk_sizes("tapering", 1000, 4, {.count = 1, .mean = 1, .deviation = 0}).front() == 125);
}

TEST_CASE("every policy hands out all jobs, no job twice, and no empty chunk") {
  for (auto const& choice : choices())
    for (std::uint32_t const nodes : {1U, 2U, 3U, 4U, 7U, 64U, 1000U})
      for (std::uint64_t const jobs : {0U, 1U, nodes - 1, nodes, nodes + 1, 10U * nodes + 7, 1'000'000U}) {
        auto const policy = make_policy(choice);
        auto const dealt = deal(*policy, jobs, nodes);
        CAPTURE(choice, nodes, jobs, dealt.chunks);
        REQUIRE(dealt.jobs == jobs);
      }
}

TEST_CASE("no policy divides by zero nodes or zero jobs") {
  for (auto const& choice : choices())
    for (std::uint64_t const jobs : {0U, 1U, 1000U}) {
      auto const policy = make_policy(choice);
      NodeView const node{.id = NodeId{1}, .mean_runtime = {}};
      if (choice == "auto") continue;
      CAPTURE(choice, jobs);
      CHECK(policy->chunk(node, {jobs, jobs, 0, 0, {}, {}}) >= 1);
      CHECK(policy->chunk(node, {jobs, jobs, 0, 0, {}, {}}) <= std::max<std::uint64_t>(jobs, 10));
      if (auto const lane = policy->lane(0, {jobs, jobs, 0, 0, {}, {}})) CHECK(lane->stride == 1);
    }
}

TEST_CASE("a trillion jobs overflow no formula") {
  constexpr std::uint64_t jobs = 1ULL << 40;
  for (auto const& choice : choices())
    for (std::uint32_t const nodes : {1U, 2U, 100'000U}) {
      auto const policy = make_policy(choice);
      NodeView const node{.id = NodeId{1}, .mean_runtime = {}};
      policy->learn(NodeArrived{node});
      end_chunk(*policy, node, 2);
      for (int request = 0; request < 3; ++request) {
        auto const size = policy->chunk(node, pool_of(jobs, jobs, nodes, {.count = 2, .mean = 1e-9, .deviation = 1e9}));
        CAPTURE(choice, nodes, size);
        CHECK(size >= 1);
        CHECK(size <= jobs);
      }
    }
}

}  // namespace ballast
