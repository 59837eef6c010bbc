// Policy: the load-balancing technique; it says how many jobs a node with room gets next.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <variant>

#include "ballast/core/clock.hpp"
#include "ballast/core/id.hpp"
#include "ballast/core/parameters.hpp"

namespace ballast {

/// How long jobs took that have been solved.
struct JobTimes {
  std::uint64_t count{};
  double mean{};       ///< s
  double deviation{};  ///< s, the standard deviation; 0 for fewer than two jobs
};

/// What a policy may know of the jobs and of who is there to solve them.
struct PoolView {
  std::uint64_t total{};       ///< N: jobs found so far (all of them, once the dataset has ended)
  std::uint64_t unassigned{};  ///< R: jobs that any node may still be given
  std::uint32_t nodes{};       ///< P: computing nodes that take jobs
  std::uint32_t solvers{};     ///< of all these nodes together
  JobTimes times{};            ///< of all nodes' jobs
  Duration message_cost{};     ///< of the Main Node's time, to send or to receive; zero if it was not measured
};

/// What a policy may know of the node that has room.
struct NodeView {
  NodeId id{};
  std::uint32_t solvers{1};                ///< jobs that it computes at a time
  std::uint64_t reserved{};                ///< jobs left in the node's own lane
  std::uint64_t held{};                    ///< jobs that it has been assigned and has not ended
  double weight{1};                        ///< w: speed as given, or measured after three jobs; P of them sum up to P
  std::optional<Duration> mean_runtime{};  ///< of its recent jobs, once one is solved
};

/// Jobs first, first + stride, first + 2·stride … below end that belong to one node.
struct Lane {
  static constexpr std::uint64_t unbounded = UINT64_MAX;

  std::uint64_t first{};
  std::uint64_t stride{1};
  std::uint64_t end{unbounded};
};

/// What a policy asks of the dispatcher from the start.
struct PolicyTraits {
  /// A policy that must know N keeps the nodes waiting until the dataset has ended.
  enum class Total { unknown, needed } total{Total::unknown};
  /// Jobs go out in this order; `longest_first` where their costs are known, else in that of the dataset.
  enum class Order { dataset, longest_first } order{Order::dataset};
  /// What may become of an assignment when nodes fall idle and nothing is left to assign. The static techniques stand
  /// by theirs, the dynamic ones of the literature by their chunks.
  enum class Revision {
    none,
    copies,            ///< once all jobs have started, stragglers get a second copy
    moves_and_copies,  ///< before that, jobs that have not started are taken back for idle nodes
  } revision{Revision::copies};
};

/// What a policy may learn from.
struct NodeArrived {
  NodeView node;
};
struct NodeGone {
  NodeId node;
};
struct JobEnded {
  NodeView node;
  Duration runtime{};
};
/// All jobs of a chunk have ended.
struct ChunkEnded {
  NodeId node;
  std::uint64_t jobs{};
  Duration working{};  ///< sum of the jobs' runtimes over the node's solvers
  Duration elapsed{};  ///< since it was assigned, or since the node's last chunk ended if that was later
};
using PolicyNews = std::variant<NodeArrived, NodeGone, JobEnded, ChunkEnded>;

/// Decides on counts and times only; what the jobs hold is not its business. Deterministic.
class Policy {
 public:
  virtual ~Policy() = default;

  [[nodiscard]] virtual PolicyTraits traits() const { return {}; }

  /// The jobs that are this node's from the start, or none if all nodes draw from one pool. Asked once for each of the
  /// P nodes, by its place among them, 0 … P − 1.
  [[nodiscard]] virtual std::optional<Lane> lane(std::uint32_t /*place*/, PoolView const&) const { return {}; }

  /// The node that the next job of the pool belongs to, or none if it belongs to whoever has room.
  [[nodiscard]] virtual std::optional<NodeId> owner() { return {}; }

  /// Size of the next chunk for a node with room; ≥ 1 whenever there is a job that the node may have.
  /// What exceeds the jobs at hand is cut by the caller.
  [[nodiscard]] virtual std::uint64_t chunk(NodeView const& node, PoolView const& pool) = 0;

  virtual void learn(PolicyNews const&) {}
};

/// A policy as users choose it.
struct PolicyEntry {
  std::string_view name;
  std::string_view summary;     ///< one line
  std::string_view source;      ///< author, year; empty for what everybody knows
  std::string_view parameters;  ///< `key=WHAT` each, separated by commas; empty if it takes none
  std::unique_ptr<Policy> (*make)(Parameters&);
};

/// All there are, in the order in which they are listed.
[[nodiscard]] std::span<PolicyEntry const> policies();

/// `choice` is NAME or NAME:key=value,key=value. Throws UsageError for a name that policies() does not list, a
/// parameter that this policy does not take, or a value that makes no sense.
[[nodiscard]] std::unique_ptr<Policy> make_policy(std::string_view choice);

}  // namespace ballast
