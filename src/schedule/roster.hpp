// Roster: the computing nodes that take jobs, and what was measured of them.
#pragma once

#include <algorithm>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <vector>

#include "ballast/schedule/policy.hpp"
#include "schedule/event.hpp"

namespace ballast {

/// One computing node.
struct Node {
  /// An attempt that a solver has begun with.
  struct Running {
    JobAttempt name;
    Time since;
  };
  /// An assignment that has not wholly ended. Nodes take jobs in the order in which they are assigned.
  struct Chunk {
    std::uint64_t jobs{};
    std::uint64_t left{};
    Duration working{};  ///< sum of the runtimes of those that have ended
    Time assigned{};
  };

  NodeId id;
  std::uint32_t solvers{1};
  std::vector<std::uint32_t> shards{};  ///< of which it takes jobs; never empty
  std::optional<double> given_weight{};
  std::uint64_t quota{};                   ///< jobs that it may still be assigned
  std::uint64_t held{0};                   ///< jobs that it has been assigned and has not ended
  double cost_held{0};                     ///< of those jobs
  std::uint64_t solved{0};                 ///< jobs
  std::optional<Duration> mean_runtime{};  ///< exponentially weighted over its recent jobs
  double pace{0};                          ///< s per unit of cost, weighted in the same way
  std::vector<Running> running{};
  std::deque<Chunk> chunks{};
  Time chunk_began{};              ///< the front one
  std::optional<Time> awaited{};   ///< since when an idle node's first start is awaited
  bool recalling{false};           ///< RecallJobs is not answered yet
  std::optional<double> hunger{};  ///< its load when it had room and there was nothing for it

  [[nodiscard]] bool owns(std::uint32_t shard) const { return std::binary_search(shards.begin(), shards.end(), shard); }
  void assigned(std::uint64_t jobs, Time now);
  /// One of its jobs has ended after `runtime`; the chunk that has ended with it, if one has.
  [[nodiscard]] std::optional<ChunkEnded> ended(JobAttempt name, Duration runtime, Time now);
  /// The last `jobs` jobs were taken off it.
  void relieved(std::uint64_t jobs);
  /// False if that was known.
  bool started(JobAttempt name, Time now);
  void stopped(JobAttempt name);
  void measure(Duration runtime, double cost);
};

class Roster {
 public:
  /// Expects a node that is not on the roster.
  Node& join(NodeJoined const& event, std::uint64_t quota);
  void leave(NodeId id);
  /// The node has solved a job that was expected to cost so much (1 if nothing is known).
  void measure(Node& node, Duration runtime, double cost);

  /// The node, or nullptr if it never joined or has left.
  [[nodiscard]] Node* find(NodeId id);
  [[nodiscard]] Node const* find(NodeId id) const;
  [[nodiscard]] std::uint32_t count() const { return static_cast<std::uint32_t>(nodes_.size()); }
  [[nodiscard]] std::uint32_t solvers() const { return solvers_; }
  /// Of all jobs that were solved, by nodes that have left, too.
  [[nodiscard]] JobTimes times() const;
  [[nodiscard]] Duration longest_runtime() const { return longest_; }

  /// Relative speed of the node: as given, else by its rate of jobs after three of them. P nodes' sum up to P.
  [[nodiscard]] double weight(Node const& node) const;
  /// Of what it holds to what all do, per solver; 1 if nobody holds anything that has a cost.
  [[nodiscard]] double load(Node const& node) const;
  void count_held(Node& node, double cost);
  /// How many times longer than anywhere jobs may take there. None before a job of the node was measured.
  [[nodiscard]] std::optional<double> slowness(Node const& node) const;
  /// How long a job of this cost may take there: by the node's own recent times, and everybody's as long as it has few
  /// of its own. None before anything was measured.
  [[nodiscard]] std::optional<Duration> expected_runtime(Node const& node, double cost = 1) const;

  [[nodiscard]] auto begin() { return nodes_.begin(); }
  [[nodiscard]] auto end() { return nodes_.end(); }
  [[nodiscard]] auto begin() const { return nodes_.begin(); }
  [[nodiscard]] auto end() const { return nodes_.end(); }

 private:
  /// What nodes have in common, as a sum: given weights, or measured rates (jobs/s).
  struct Speeds {
    double sum{0};
    std::uint32_t nodes{0};
  };
  void count_rate(Node const& node, double sign);
  [[nodiscard]] double expected_pace(Node const& node) const;

  std::map<NodeId, Node> nodes_;
  std::uint32_t solvers_{0};
  double cost_held_{0};
  Speeds given_;
  Speeds measured_;
  std::uint64_t times_count_{0};
  double times_mean_{0};     // s
  double times_squares_{0};  // s², sum of squared deviations (Welford 1962)
  double mean_pace_{0};      // s per unit of cost
  Duration longest_{};
};

}  // namespace ballast
