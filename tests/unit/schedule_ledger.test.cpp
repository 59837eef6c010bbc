// Where jobs are kept: runs that are cut and grown, lanes that are taken from the front.
#include <random>
#include <set>

#include "ballast/core/contract.hpp"
#include "schedule/holdings.hpp"
#include "schedule/pool.hpp"
#include "support/catch.hpp"
#include "support/schedule_scene.hpp"

namespace ballast {

TEST_CASE("a run is cut in two where a job leaves it") {
  Holdings holdings;
  holdings.add({JobId{10}, 5, Attempt{1}});
  CHECK(holdings.remove({JobId{12}, Attempt{1}}));
  CHECK(holdings.runs() == 2);
  CHECK(holdings.remove_all() == JobRuns{{JobId{10}, 2, Attempt{1}}, {JobId{13}, 2, Attempt{1}}});
}

TEST_CASE("an attempt that is not held is not removed") {
  Holdings holdings;
  holdings.add({JobId{10}, 2, Attempt{2}});
  CHECK_FALSE(holdings.remove({JobId{10}, Attempt{1}}));
  CHECK_FALSE(holdings.remove({JobId{9}, Attempt{2}}));
  CHECK_FALSE(holdings.remove({JobId{12}, Attempt{2}}));
  CHECK(holdings.remove({JobId{11}, Attempt{2}}));
  CHECK_FALSE(holdings.remove({JobId{11}, Attempt{2}}));
  CHECK(holdings.count() == 1);
}

TEST_CASE("neighbouring runs of one attempt become one") {
  Holdings holdings;
  holdings.add({JobId{0}, 2, Attempt{1}});
  holdings.add({JobId{2}, 3, Attempt{1}});
  holdings.add({JobId{5}, 1, Attempt{2}});
  CHECK(holdings.runs() == 2);
  CHECK(holdings.count() == 6);
}

TEST_CASE("holding a job twice is a broken contract") {
  Holdings holdings;
  holdings.add({JobId{3}, 3, Attempt{1}});
  CHECK_THROWS_AS(holdings.add({JobId{5}, 1, Attempt{1}}), ContractViolation);
  CHECK_THROWS_AS(holdings.add({JobId{2}, 2, Attempt{1}}), ContractViolation);
}

TEST_CASE("holdings agree with a plain set under random additions and removals") {
  std::mt19937_64 random{1};
  Holdings holdings;
  std::set<std::uint64_t> model;
  for (int i = 0; i < 20'000; ++i) {
    auto const job = random() % 200;
    if (random() % 2 == 0) {
      if (model.insert(job).second) holdings.add({JobId{job}, 1, Attempt{1}});
    } else {
      CHECK(holdings.remove({JobId{job}, Attempt{1}}) == (model.erase(job) > 0));
    }
    REQUIRE(holdings.count() == model.size());
  }
}

TEST_CASE("a pool is taken from the front until it is empty") {
  Pool pool;
  pool.grow(5);
  CHECK(pool.take(node_1, 3) == JobRuns{{JobId{0}, 3, Attempt{1}}});
  CHECK(pool.take(node_2, 9) == JobRuns{{JobId{3}, 2, Attempt{1}}});
  CHECK(pool.take(node_1, 1).empty());
  CHECK(pool.common() == 0);
}

TEST_CASE("a lane is its node's own until the node leaves") {
  Pool pool;
  pool.grow(6);
  pool.reserve(node_1, {.first = 0, .stride = 2});
  pool.reserve(node_2, {.first = 1, .stride = 2});
  CHECK(pool.take(node_1, 2) == JobRuns{{JobId{0}, 1, Attempt{1}}, {JobId{2}, 1, Attempt{1}}});
  CHECK(pool.reserved(node_1) == 1);
  CHECK(pool.common() == 0);
  pool.release(node_1);
  CHECK(pool.common() == 1);
  CHECK(pool.take(node_2, 3).size() == 3);
  CHECK(pool.take(node_2, 3) == JobRuns{{JobId{4}, 1, Attempt{1}}});
}

}  // namespace ballast
