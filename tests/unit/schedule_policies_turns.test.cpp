// weighted-round-robin: whose turn it is.
#include <algorithm>
#include <map>

#include "support/catch.hpp"
#include "support/chunk_sizes.hpp"

namespace ballast {
namespace {

/// Nodes 1, 2, … of these weights, and who was dealt the jobs.
struct Turns {
  std::unique_ptr<Policy> policy = make_policy("weighted-round-robin");
  std::map<std::uint32_t, std::uint64_t> dealt{};

  explicit Turns(std::initializer_list<double> weights) {
    for (std::uint32_t id = 1; auto const weight : weights) arrive(id++, weight);
  }

  void arrive(std::uint32_t id, double weight) const { policy->learn(NodeArrived{view(id, weight)}); }
  void weigh(std::uint32_t id, double weight) const { policy->learn(JobEnded{view(id, weight), {}}); }
  std::uint32_t next() {
    auto const node = policy->owner().value().value();
    ++dealt[node];
    return node;
  }
  Sizes next(int jobs) {
    Sizes nodes;
    for (int i = 0; i < jobs; ++i) nodes.push_back(next());
    return nodes;
  }

 private:
  static NodeView view(std::uint32_t id, double weight) {
    return {.id = NodeId{id}, .weight = weight, .mean_runtime = {}};
  }
};

}  // namespace

TEST_CASE("weights 3:2:1 deal jobs 3:2:1, exactly, after every six of them") {
  Turns turns{1.5, 1, 0.5};
  for (std::uint64_t cycle = 1; cycle <= 2000; ++cycle) {
    turns.next(6);
    REQUIRE((turns.dealt[1] == 3 * cycle && turns.dealt[2] == 2 * cycle && turns.dealt[3] == cycle));
  }
}

TEST_CASE("turns are evenly interleaved: nobody is ever a whole job away from his due") {
  Turns turns{1.5, 1, 0.5};
  CHECK(turns.next(6) == Sizes{1, 2, 1, 3, 2, 1});
  for (std::uint64_t jobs = 7; jobs < 1000; ++jobs) {
    turns.next();
    for (std::uint32_t node = 1; node <= 3; ++node) {
      auto const due = static_cast<double>(jobs) * (4 - node) / 6;
      REQUIRE(std::abs(static_cast<double>(turns.dealt[node]) - due) < 1);
    }
  }
}

TEST_CASE("equal weights take turns by id") {
  Turns turns{1, 1, 1};
  CHECK(turns.next(7) == Sizes{1, 2, 3, 1, 2, 3, 1});
}

TEST_CASE("a node that arrives late is not dealt what it has missed") {
  Turns turns{1, 1};
  turns.next(1000);
  turns.arrive(3, 1);
  turns.next(30);
  CHECK(turns.dealt[3] == 10);
}

TEST_CASE("a node that has gone has no more turns, and begins anew when it is back") {
  Turns turns{1, 1};
  turns.next(10);
  turns.policy->learn(NodeGone{NodeId{2}});
  CHECK(turns.next(3) == Sizes{1, 1, 1});
  turns.weigh(2, 5);
  CHECK(turns.next(1) == Sizes{1});
  turns.arrive(2, 1);
  turns.next(20);
  CHECK(turns.dealt[2] == 15);
}

TEST_CASE("a new weight changes the turns to come and not those past") {
  Turns turns{1, 1};
  turns.next(1000);
  turns.weigh(1, 1.5);
  turns.weigh(2, 0.5);
  turns.next(400);
  CHECK(turns.dealt[1] == 800);
  CHECK(turns.dealt[2] == 600);
}

TEST_CASE("weights that are measured anew after every job keep their proportion") {
  Turns turns{1.5, 0.5};
  for (int job = 0; job < 4000; ++job) {
    auto const wobble = job % 2 == 0 ? 1.01 : 0.99;
    turns.next();
    turns.weigh(1, 1.5 * wobble);
    turns.weigh(2, 0.5 / wobble);
  }
  CHECK(turns.dealt[1] == Approx(3000).margin(30));
}

TEST_CASE("without nodes a job belongs to nobody, and a weight of nothing starves nobody else") {
  Turns nobody{};
  CHECK_FALSE(nobody.policy->owner());
  Turns turns{1, 0};
  turns.next(100);
  CHECK(turns.dealt[1] == 100);
}

}  // namespace ballast
