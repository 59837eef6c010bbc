// The policies that learn from the nodes' measured times.
#include "schedule/policies/lasting_sum.hpp"
#include "support/catch.hpp"
#include "support/chunk_sizes.hpp"

namespace ballast {
namespace {

constexpr NodeId fast{1};
constexpr NodeId slow{2};

/// A policy, and nodes that arrived before its first request.
struct Learner {
  std::unique_ptr<Policy> policy;

  explicit Learner(std::string_view choice, std::initializer_list<NodeId> nodes = {fast, slow})
      : policy{make_policy(choice)} {
    for (auto const node : nodes) policy->learn(NodeArrived{{.id = node, .mean_runtime = {}}});
  }

  void end_chunk(NodeId node, std::uint64_t jobs, std::chrono::seconds working, std::chrono::seconds elapsed) const {
    policy->learn(ChunkEnded{node, jobs, working, elapsed});
  }
  void end_chunk(NodeId node, std::uint64_t jobs, std::chrono::seconds working) const {
    end_chunk(node, jobs, working, working);
  }
  void end_jobs(NodeId node, std::initializer_list<int> runtimes, std::uint32_t solvers = 1) const {
    for (auto const runtime : runtimes)
      policy->learn(JobEnded{{.id = node, .solvers = solvers, .mean_runtime = {}}, std::chrono::seconds{runtime}});
  }
  [[nodiscard]] std::uint64_t chunk(NodeId node, std::uint64_t left, std::uint32_t nodes = 2) const {
    return policy->chunk({.id = node, .mean_runtime = {}}, pool_of(1'000'000, left, nodes));
  }
};

std::string awf(char variant) { return std::string{"adaptive-weighted-factoring:variant="} + variant; }

}  // namespace

TEST_CASE("a node half as fast earns half the weight, by time worked or by time elapsed") {
  for (auto const variant : {'B', 'C', 'D', 'E'}) {
    CAPTURE(variant);
    Learner const awf_nodes{awf(variant)};
    auto const by_work = variant == 'B' || variant == 'C';
    for (int round = 0; round < 10; ++round) {
      auto const quick = awf_nodes.chunk(fast, 1200);
      auto const late = awf_nodes.chunk(slow, 1200);
      if (round > 0) CHECK((quick == 400 && late == 200));
      auto const seconds = [](std::uint64_t jobs, std::uint64_t each) { return std::chrono::seconds{jobs * each}; };
      awf_nodes.end_chunk(fast, quick, seconds(quick, 1), seconds(quick, 1));
      awf_nodes.end_chunk(slow, late, seconds(late, by_work ? 2 : 1), seconds(late, by_work ? 1 : 2));
    }
  }
}

TEST_CASE("late chunks count more in a node's weight, as in Cariño & Banicescu 2008") {
  Learner const nodes{awf('C')};
  nodes.end_chunk(fast, 10, std::chrono::seconds{10});
  nodes.end_chunk(slow, 10, std::chrono::seconds{10});
  nodes.end_chunk(slow, 10, std::chrono::seconds{40});  // π = (10 + 2·40) / (10 + 2·10) = 3
  CHECK(nodes.chunk(fast, 400) == 150);
  CHECK(nodes.chunk(slow, 400) == 50);
}

TEST_CASE("adaptive weights hold for a batch in variant B, and change at each request in variant C") {
  for (auto const variant : {'B', 'C'}) {
    CAPTURE(variant);
    Learner const nodes{awf(variant)};
    CHECK(nodes.chunk(fast, 400) == 100);
    nodes.end_chunk(fast, 10, std::chrono::seconds{10});
    nodes.end_chunk(slow, 10, std::chrono::seconds{30});
    CHECK(nodes.chunk(slow, 400) == (variant == 'B' ? 100 : 50));
    CHECK(nodes.chunk(slow, 400) == 50);
  }
}

TEST_CASE("a node without a history has the weight that it was given") {
  Learner const nodes{awf('C')};
  nodes.end_chunk(fast, 10, std::chrono::seconds{10});
  CHECK(nodes.chunk(fast, 400) == 100);
  CHECK(nodes.policy->chunk({.id = slow, .weight = 0.5, .mean_runtime = {}}, pool_of(1000, 400, 2)) == 50);
}

TEST_CASE("a node that has gone takes its history with it") {
  Learner const nodes{awf('C'), {fast, slow, NodeId{3}}};
  nodes.end_chunk(fast, 10, std::chrono::seconds{10});
  nodes.end_chunk(slow, 10, std::chrono::seconds{30});
  nodes.end_chunk(NodeId{3}, 10, std::chrono::seconds{0});
  nodes.policy->learn(NodeGone{NodeId{3}});
  nodes.end_chunk(NodeId{3}, 10, std::chrono::seconds{1});
  CHECK(nodes.chunk(fast, 400) == 150);
  CHECK(nodes.chunk(slow, 400) == 50);
  nodes.policy->learn(NodeGone{slow});
  CHECK(nodes.chunk(fast, 400, 1) == 200);
}

TEST_CASE("adaptive-factoring computes from each node's mean and spread, as in Banicescu & Liu 2000") {
  Learner const nodes{"adaptive-factoring"};
  nodes.end_jobs(fast, {1, 3});  // μ = 2, σ² = 2
  nodes.end_jobs(slow, {4, 4});  // μ = 4, σ² = 0
  // D = 1, T = 4/3, R = 90: (241 − √481) / 2μ = 219.07 / 2μ
  CHECK(nodes.chunk(fast, 90) == 55);
  CHECK(nodes.chunk(slow, 90) == 28);
}

TEST_CASE("adaptive-factoring without any spread shares by speed") {
  Learner const nodes{"adaptive-factoring"};
  nodes.end_jobs(fast, {1, 1, 1});
  nodes.end_jobs(slow, {2, 2, 2});
  CHECK(nodes.chunk(fast, 90) == 60);
  CHECK(nodes.chunk(slow, 90) == 30);
  CHECK(nodes.chunk(slow, 1) == 1);
}

TEST_CASE("adaptive-factoring counts a node of two solvers as one that is twice as fast") {
  Learner const nodes{"adaptive-factoring"};
  nodes.end_jobs(fast, {1, 3}, 2);  // μ = 1, σ² = 1/2
  nodes.end_jobs(slow, {4, 4});
  // D = 1/2, T = 4/5, R = 100: (160.5 − √160.25) / 2μ = 147.84 / 2μ
  CHECK(nodes.chunk(fast, 100) == 74);
  CHECK(nodes.chunk(slow, 100) == 19);
}

TEST_CASE("adaptive-factoring measures two jobs of a node before it trusts it with more than a few") {
  Learner const nodes{"adaptive-factoring"};
  nodes.end_jobs(fast, {1});
  CHECK(nodes.chunk(fast, 60) == 3);
  CHECK(nodes.chunk(fast, 1'000'000) == 10);
  nodes.end_jobs(fast, {1});
  CHECK(nodes.chunk(fast, 60) == 30);  // the other node is taken to be like this one
  CHECK(nodes.chunk(slow, 60) == 3);
}

TEST_CASE("adaptive-factoring forgets a node that has gone") {
  Learner const nodes{"adaptive-factoring"};
  nodes.end_jobs(fast, {1, 1});
  nodes.end_jobs(slow, {1, 999});
  nodes.policy->learn(NodeGone{slow});
  nodes.end_jobs(slow, {1, 999});
  CHECK(nodes.chunk(fast, 60, 1) == 60);
}

TEST_CASE("a term taken out of a lasting sum leaves no trace") {
  LastingSum sum;
  sum.replace(0, 1);
  sum.replace(0, 1e20);
  sum.replace(1e20, 0);
  CHECK(sum.value() == 1);
  for (int i = 0; i < 100'000; ++i) sum.replace(i * 0.1, (i + 1) * 0.1);
  CHECK(sum.value() == Approx(10'001).epsilon(1e-15));
  sum.replace(10'000, 0);
  CHECK(sum.value() == Approx(1).epsilon(1e-12));
}

}  // namespace ballast
