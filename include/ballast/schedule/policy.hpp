// Policy: the load-balancing technique; it says how many jobs a node with room gets next.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string_view>

#include "ballast/core/clock.hpp"
#include "ballast/core/id.hpp"

namespace ballast {

/// What a policy may know of the jobs and of who is there to solve them.
struct PoolView {
  std::uint64_t total{};       ///< N: jobs found so far (all of them, once the dataset has ended)
  std::uint64_t unassigned{};  ///< R: jobs that any node may still be given
  std::uint32_t nodes{};       ///< P: computing nodes that take jobs
  std::uint32_t solvers{};     ///< of all these nodes together
};

/// What a policy may know of the node that has room.
struct NodeView {
  std::uint32_t solvers{};               ///< jobs that it computes at a time
  std::uint64_t reserved{};              ///< jobs left in the node's own lane
  std::optional<Duration> mean_runtime;  ///< of its recent jobs, once one is solved
};

/// Jobs first, first + stride, first + 2·stride … below end that belong to one node.
struct Lane {
  static constexpr std::uint64_t unbounded = UINT64_MAX;

  std::uint64_t first{};
  std::uint64_t stride{1};
  std::uint64_t end{unbounded};
};

/// Decides on counts only; who asks, what the jobs hold and what time it is are not its business. Deterministic.
class Policy {
 public:
  virtual ~Policy() = default;

  /// A policy that must know N keeps the nodes waiting until the dataset has ended.
  [[nodiscard]] virtual bool needs_total() const { return false; }

  /// The jobs that are this node's from the start, or none if all nodes draw from one pool. Asked once for each of the
  /// P nodes, by its place among them, 0 … P − 1.
  [[nodiscard]] virtual std::optional<Lane> lane(std::uint32_t /*node_index*/, PoolView const&) const { return {}; }

  /// Size of the next chunk for a node with room; ≥ 1 whenever there is a job that the node may have.
  /// What exceeds the jobs at hand is cut by the caller.
  [[nodiscard]] virtual std::uint64_t chunk(NodeView const& node, PoolView const& pool) = 0;
};

/// A policy as users choose it.
struct PolicyEntry {
  std::string_view name;
  std::string_view summary;  ///< one line
  std::string_view source;   ///< author, year; empty for what everybody knows
  std::unique_ptr<Policy> (*make)();
};

/// All there are, in the order in which they are listed.
[[nodiscard]] std::span<PolicyEntry const> policies();

/// Throws UsageError for a name that policies() does not list.
[[nodiscard]] std::unique_ptr<Policy> make_policy(std::string_view name);

}  // namespace ballast
