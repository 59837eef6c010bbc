// Who owns which shard: nobody goes without, and no shard is ever without an owner.
#include "schedule/placement.hpp"
#include "support/catch.hpp"

namespace ballast {
namespace {

using Shards = std::vector<std::uint32_t>;
constexpr NodeId node_1{1}, node_2{2}, node_3{3};

}  // namespace

TEST_CASE("shards are dealt in turn, and an owner more where nodes would go without one") {
  Placement const more_shards{5, 1, {node_1, node_2}};
  CHECK(more_shards.shards_of(node_1) == Shards{0, 2, 4});
  CHECK(more_shards.shards_of(node_2) == Shards{1, 3});
  Placement const more_nodes{1, 1, {node_1, node_2, node_3}};
  for (auto const node : {node_1, node_2, node_3}) CHECK(more_nodes.shards_of(node) == Shards{0});
  Placement const twice{3, 2, {node_1, node_2, node_3}};
  CHECK(twice.shards_of(node_1) == Shards{0, 1});
  CHECK(twice.shards_of(node_2) == Shards{0, 2});
  CHECK(twice.shards_of(node_3) == Shards{1, 2});
}

TEST_CASE("a shard has each node as its owner once at most, however many owners are asked for") {
  Placement const placement{2, 9, {node_1, node_2}};
  CHECK(placement.shards_of(node_1) == Shards{0, 1});
  CHECK(placement.shards_of(node_2) == Shards{0, 1});
}

TEST_CASE("a shard moves when its last owner is lost, to the node that owns least, and not before") {
  Placement placement{4, 1, {node_1, node_2, node_3}};  // 0 3 | 1 | 2
  CHECK(placement.lose(node_1) == std::vector{node_2, node_3});
  CHECK(placement.shards_of(node_2) == Shards{0, 1});
  CHECK(placement.shards_of(node_3) == Shards{2, 3});
  Placement twice{3, 2, {node_1, node_2, node_3}};
  CHECK(twice.lose(node_1).empty());
  CHECK(twice.lose(node_2) == std::vector{node_3});
  CHECK(twice.shards_of(node_3) == Shards{0, 1, 2});
}

TEST_CASE("a node that is back owns what it had, and what has no owner by now") {
  Placement placement{2, 1, {node_1, node_2}};
  CHECK(placement.lose(node_1) == std::vector{node_2});
  CHECK(placement.lose(node_2).empty());
  CHECK(placement.shards_of(node_2).empty());
  placement.readmit(node_1);
  CHECK(placement.shards_of(node_1) == Shards{0, 1});
  placement.readmit(node_2);
  CHECK(placement.shards_of(node_2) == Shards{0, 1});
  CHECK(placement.lose(node_3).empty());  // never seen
}

}  // namespace ballast
