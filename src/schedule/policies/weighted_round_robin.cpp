// weighted-round-robin: the nodes take turns in proportion to their weights, evenly interleaved.
//
// The next job belongs to the node with the least (jobs dealt to it + ½) ÷ weight, the lowest id among equals: the rule
// by which Webster and Sainte-Laguë (1910) apportion seats, so nobody is ever far from his due. The left side is the
// node's virtual time. A node that arrives starts at the time of the last job dealt, or it would be dealt all that it
// missed; and when a weight changes, what is left of the node's waiting time is stretched, not what is past.
#include <algorithm>
#include <set>
#include <unordered_map>
#include <utility>

#include "schedule/policies/policies.hpp"

namespace ballast {
namespace {

constexpr double least_weight = 1e-6;

/// One node's place in the order of turns.
struct Turns {
  double begin{};  ///< virtual time at which the count began, when the node arrived or its weight changed
  double weight{1};
  std::uint64_t dealt{};

  [[nodiscard]] double next() const { return begin + (static_cast<double>(dealt) + 0.5) / weight; }
};

class WeightedRoundRobin final : public Policy {
 public:
  PolicyTraits traits() const override { return {.revision = PolicyTraits::Revision::none}; }

  std::optional<NodeId> owner() override {
    if (queue_.empty()) return {};
    auto const [time, node] = *queue_.begin();
    now_ = std::max(now_, time);
    auto& turns = nodes_.at(node);
    queue_.erase(queue_.begin());
    ++turns.dealt;
    queue_.emplace(turns.next(), node);
    return node;
  }

  std::uint64_t chunk(NodeView const&, PoolView const&) override { return 1; }

  void learn(PolicyNews const& news) override {
    if (auto const* const arrived = std::get_if<NodeArrived>(&news)) {
      leave(arrived->node.id);
      enter(arrived->node.id, {now_, std::max(arrived->node.weight, least_weight), 0});
    } else if (auto const* const gone = std::get_if<NodeGone>(&news)) {
      leave(gone->node);
    } else if (auto const* const ended = std::get_if<JobEnded>(&news)) {
      weigh(ended->node.id, std::max(ended->node.weight, least_weight));
    }
  }

 private:
  void enter(NodeId node, Turns turns) {
    queue_.emplace(turns.next(), node);
    nodes_.emplace(node, turns);
  }

  void leave(NodeId node) {
    auto const found = nodes_.find(node);
    if (found == nodes_.end()) return;
    queue_.erase({found->second.next(), node});
    nodes_.erase(found);
  }

  void weigh(NodeId node, double weight) {
    auto const found = nodes_.find(node);
    if (found == nodes_.end() || found->second.weight == weight) return;
    auto const waiting = std::max(found->second.next() - now_, 0.0) * found->second.weight / weight;
    leave(node);
    enter(node, {now_ + waiting - 0.5 / weight, weight, 0});
  }

  std::unordered_map<NodeId, Turns> nodes_;
  std::set<std::pair<double, NodeId>> queue_;  // by the time of their next turn
  double now_{0};                              // virtual time of the last job dealt
};

}  // namespace

std::unique_ptr<Policy> make_weighted_round_robin(Parameters&) { return std::make_unique<WeightedRoundRobin>(); }

}  // namespace ballast
