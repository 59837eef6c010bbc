// adaptive-weighted-factoring: the chunk of FAC2 times a weight that the node's own chunks have earned it
// (AWF-B, C, D, E; Cariño & Banicescu 2008).
//
// A node's time per job is πᵢ = Σ k·timeₖ / Σ k·sizeₖ over its chunks k = 1, 2, …, so that late chunks count more, and
// its weight wᵢ = P·(π̄/πᵢ) / Σ(π̄/πₖ); the mean π̄ cancels. B: P chunks of a batch with the R and the weights of its
// first request; C: R and weights of each request. D and E are these two with the time that went by until the chunk had
// ended, overhead included, in place of the time worked. Nodes without a chunk so far keep the weight they were given;
// of the sum P, each of them is taken to leave the others 1 less.
#include <algorithm>
#include <string>
#include <unordered_map>

#include "schedule/policies/batch.hpp"
#include "schedule/policies/lasting_sum.hpp"
#include "schedule/policies/policies.hpp"

namespace ballast {
namespace {

enum class Weights { of_the_batch, of_the_request };
enum class Counted { working, elapsed };

/// What a node's chunks so far tell.
struct History {
  double weighted_time{};
  double weighted_jobs{};
  double chunks{};
  double speed{};                        ///< 1/π; 0 before the first chunk has ended
  std::optional<double> batch_weight{};  ///< as it was at the first request of the batch

  void add(double jobs, double time) {
    ++chunks;
    weighted_time += chunks * time;
    weighted_jobs += chunks * jobs;
    constexpr double least_time_per_job = 1e-9;
    speed = 1 / std::max(weighted_time / weighted_jobs, least_time_per_job);
  }
};

class AdaptiveWeightedFactoring final : public Policy {
 public:
  AdaptiveWeightedFactoring(Weights weights, Counted counted) : weights_{weights}, counted_{counted} {}

  std::uint64_t chunk(NodeView const& node, PoolView const& pool) override {
    auto const found = nodes_.find(node.id);
    std::optional<double> weight;
    if (weights_ == Weights::of_the_request) {
      share_ = half_share(pool);
      if (found != nodes_.end()) weight = weight_of(found->second);
    } else {
      if (batch_.opens(pool)) open_batch(pool);
      if (found != nodes_.end()) weight = found->second.batch_weight;
    }
    return whole_jobs(static_cast<double>(share_) * weight.value_or(node.weight), pool.unassigned);
  }

  void learn(PolicyNews const& news) override {
    if (auto const* const arrived = std::get_if<NodeArrived>(&news)) {
      forget(arrived->node.id);
      nodes_.emplace(arrived->node.id, History{});
    } else if (auto const* const gone = std::get_if<NodeGone>(&news)) {
      forget(gone->node);
    } else if (auto const* const ended = std::get_if<ChunkEnded>(&news)) {
      remember(*ended);
    }
  }

 private:
  [[nodiscard]] std::optional<double> weight_of(History const& history) const {
    if (history.speed == 0) return {};
    return measured_ * history.speed / speeds_.value();
  }

  void open_batch(PoolView const& pool) {
    share_ = half_share(pool);
    for (auto& [node, history] : nodes_) history.batch_weight = weight_of(history);
  }

  void remember(ChunkEnded const& chunk) {
    auto const found = nodes_.find(chunk.node);
    if (found == nodes_.end() || chunk.jobs == 0) return;
    auto& history = found->second;
    auto const before = history.speed;
    if (before == 0) ++measured_;
    history.add(static_cast<double>(chunk.jobs), seconds(counted_ == Counted::working ? chunk.working : chunk.elapsed));
    speeds_.replace(before, history.speed);
  }

  void forget(NodeId node) {
    auto const found = nodes_.find(node);
    if (found == nodes_.end()) return;
    if (found->second.speed > 0) --measured_;
    speeds_.replace(found->second.speed, 0);
    nodes_.erase(found);
  }

  Weights weights_;
  Counted counted_;
  Batch batch_;
  std::uint64_t share_{1};
  std::unordered_map<NodeId, History> nodes_;
  LastingSum speeds_;
  double measured_{0};  // nodes with a speed
};

}  // namespace

std::unique_ptr<Policy> make_adaptive_weighted_factoring(Parameters& parameters) {
  auto const variant = parameters.word("variant").value_or("C");
  if (variant != "B" && variant != "C" && variant != "D" && variant != "E")
    parameters.refuse("variant", "it is one of B, C, D, E");
  auto const weights = variant == "B" || variant == "D" ? Weights::of_the_batch : Weights::of_the_request;
  auto const counted = variant == "B" || variant == "C" ? Counted::working : Counted::elapsed;
  return std::make_unique<AdaptiveWeightedFactoring>(weights, counted);
}

}  // namespace ballast
