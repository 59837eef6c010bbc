// adaptive-factoring: chunks from the mean μᵢ and the spread σᵢ that each node's jobs have shown so far
// (AF; Banicescu & Liu 2000).
//
// With D = Σσᵢ²/μᵢ and T = 1/Σ(1/μᵢ), node i gets Kᵢ = (D + 2TR − √(D² + 4DTR)) / 2μᵢ jobs, computed here in the form
// 2T²R² / (μᵢ(D + 2TR + √(D² + 4DTR))), which is the same and subtracts nothing. A node of S solvers does S jobs at a
// time: it counts as one of μ/S and σ/S. Nodes that are not measured yet count in D and T like the mean of those that
// are. Until two of its own jobs are measured a node gets ⌈R/10P⌉ jobs, at most ten per solver: enough to measure, too
// few to matter.
#include <algorithm>
#include <unordered_map>

#include "schedule/policies/lasting_sum.hpp"
#include "schedule/policies/policies.hpp"

namespace ballast {
namespace {

/// What a node's jobs so far tell (running moments: Welford 1962).
struct Measured {
  double solvers{1};
  std::uint64_t jobs{};
  double mean{};     ///< s
  double squares{};  ///< s², sum of the squared deviations from the mean

  void add(double runtime) {
    ++jobs;
    auto const deviation = runtime - mean;
    mean += deviation / static_cast<double>(jobs);
    squares += deviation * (runtime - mean);
  }
  [[nodiscard]] bool enough() const { return jobs >= 2; }
  /// μ: s per job of the whole node; no job is so short that it is free.
  [[nodiscard]] double time_per_job() const { return std::max(mean, 1e-9) / solvers; }
  /// Its terms of Σ(1/μ) and of D; nothing before it is measured.
  [[nodiscard]] double rate() const { return enough() ? 1 / time_per_job() : 0; }
  [[nodiscard]] double spread() const {
    if (!enough()) return 0;
    auto const variance = squares / static_cast<double>(jobs - 1) / (solvers * solvers);
    return variance / time_per_job();
  }
};

class AdaptiveFactoring final : public Policy {
 public:
  std::uint64_t chunk(NodeView const& node, PoolView const& pool) override {
    auto const found = nodes_.find(node.id);
    if (found == nodes_.end() || !found->second.enough()) return chunk_to_measure(node, pool);
    auto const all_per_measured = std::max(static_cast<double>(node_count(pool)) / measured_, 1.0);
    auto const d = spreads_.value() * all_per_measured;
    auto const tr = static_cast<double>(pool.unassigned) / (rates_.value() * all_per_measured);
    auto const jobs = 2 * tr * tr / (found->second.time_per_job() * (d + 2 * tr + std::sqrt(d * d + 4 * d * tr)));
    return whole_jobs(jobs, pool.unassigned);
  }

  void learn(PolicyNews const& news) override {
    if (auto const* const arrived = std::get_if<NodeArrived>(&news)) {
      replace(arrived->node.id, {});
      nodes_[arrived->node.id];
    } else if (auto const* const gone = std::get_if<NodeGone>(&news)) {
      replace(gone->node, {});
      nodes_.erase(gone->node);
    } else if (auto const* const ended = std::get_if<JobEnded>(&news)) {
      remember(*ended);
    }
  }

 private:
  [[nodiscard]] static std::uint64_t chunk_to_measure(NodeView const& node, PoolView const& pool) {
    auto const tenth = ceil_div(pool.unassigned, 10 * node_count(pool));
    return std::max<std::uint64_t>(std::min<std::uint64_t>(tenth, 10ULL * node.solvers), 1);
  }

  void remember(JobEnded const& ended) {
    auto const found = nodes_.find(ended.node.id);
    if (found == nodes_.end()) return;
    auto measured = found->second;
    measured.solvers = std::max<double>(ended.node.solvers, 1);
    measured.add(seconds(ended.runtime));
    replace(ended.node.id, measured);
  }

  void replace(NodeId node, Measured const& after) {
    auto const found = nodes_.find(node);
    if (found == nodes_.end()) return;
    auto& now = found->second;
    measured_ += (after.enough() ? 1 : 0) - (now.enough() ? 1 : 0);
    rates_.replace(now.rate(), after.rate());
    spreads_.replace(now.spread(), after.spread());
    now = after;
  }

  std::unordered_map<NodeId, Measured> nodes_;
  LastingSum rates_;
  LastingSum spreads_;
  double measured_{0};  // nodes that count in the sums
};

}  // namespace

std::unique_ptr<Policy> make_adaptive_factoring(Parameters&) { return std::make_unique<AdaptiveFactoring>(); }

}  // namespace ballast
