// Placement: which computing nodes own which shards, from the roll call to the loss of the last node.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <vector>

#include "ballast/core/id.hpp"

namespace ballast {

/// Every shard has an owner as long as there is a node. Deterministic.
class Placement {
 public:
  /// Shards are dealt to the nodes in turn, each to `owners` of them (at most all; more, where nodes would go without).
  /// Expects shards and owners.
  Placement(std::uint32_t shards, std::uint32_t owners, std::vector<NodeId> const& nodes);

  /// Of the node, ascending.
  [[nodiscard]] std::vector<std::uint32_t> shards_of(NodeId node) const;
  /// The node's shards that nobody else owns go to those who own least; these are returned, in order.
  [[nodiscard]] std::vector<NodeId> lose(NodeId node);
  /// The node owns what it owned when it was lost, beside those who own that now, and what nobody owns.
  void readmit(NodeId node);

 private:
  [[nodiscard]] bool has_owner(std::uint32_t shard) const;

  using Owned = std::set<std::uint32_t>;
  std::uint32_t shards_;
  std::map<NodeId, Owned> present_;
  std::map<NodeId, Owned> lost_;
};

}  // namespace ballast
