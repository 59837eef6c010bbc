// Roster: the computing nodes that take jobs, and what was measured of them.
#pragma once

#include <cstdint>
#include <map>
#include <optional>

#include "ballast/core/clock.hpp"
#include "ballast/core/id.hpp"

namespace ballast {

/// One computing node.
struct Node {
  NodeId id;
  std::uint32_t solvers{1};
  std::uint64_t quota{};                   ///< jobs that it may still be assigned
  std::optional<Duration> mean_runtime{};  ///< exponentially weighted over its recent jobs

  void measure(Duration runtime);
};

class Roster {
 public:
  /// Expects a node that is not on the roster.
  Node& join(NodeId id, std::uint32_t solvers, std::uint64_t quota);
  void leave(NodeId id);

  /// The node, or nullptr if it never joined or has left.
  [[nodiscard]] Node* find(NodeId id);
  [[nodiscard]] Node const* find(NodeId id) const;
  [[nodiscard]] std::uint32_t count() const { return static_cast<std::uint32_t>(nodes_.size()); }
  [[nodiscard]] std::uint32_t solvers() const { return solvers_; }

  [[nodiscard]] auto begin() { return nodes_.begin(); }
  [[nodiscard]] auto end() { return nodes_.end(); }

 private:
  std::map<NodeId, Node> nodes_;
  std::uint32_t solvers_{0};
};

}  // namespace ballast
