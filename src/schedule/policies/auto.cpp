// auto: the default, which measures what the techniques of the literature have to be told.
//
// A chunk is as many jobs as it takes to make its message cheap, for both of its ends, and no more: jobs that last long
// go one by one, which balances best.
// - For the node: work of a hundred times the message's cost, at least a millisecond (so messages take 1–2 %).
// - For the Main Node, that serves all: the more of its time single jobs would take (u), the more go into one, so that
//   all chunks together take less than half a percent of it when u comes near 1.
// - But at most half of the node's share of what is left, by its measured speed (factoring; Flynn Hummel, Schonberg &
//   Flynn 1992, weighted as in Flynn Hummel, Schmidt, Uma & Wein 1996), so the last chunks are single jobs. The more
//   the Main Node is in use the more of the share it may be (up to all: guided).
// - And at most sixteen times as many as a node has solved so far on average: the first few jobs do not stand for all.
// What has not started when others fall idle is taken back, so a
// misjudged chunk costs little; and where costs are known, the longest jobs go first (Graham 1969).
#include <algorithm>
#include <cmath>

#include "schedule/policies/policies.hpp"

namespace ballast {
namespace {

constexpr double least_work = 1e-3;    // s per message, for the node
constexpr double work_per_cost = 100;  // of a message, for the node
constexpr double jobs_of_a_recent_mean = 16;
constexpr double trust = 16;
constexpr double calm = 200;  // see for_main_node

/// The node's weight, or 1 if it is no further from that than the spread of the jobs' times lets equal nodes' recent
/// means come.
double trusted_weight(NodeView const& node, JobTimes const& times) {
  auto const noise = times.mean > 0 ? 2 * times.deviation / times.mean / std::sqrt(jobs_of_a_recent_mean) : 0.0;
  return std::abs(std::log(std::max(node.weight, 1e-9))) > noise ? node.weight : 1.0;
}

class Auto final : public Policy {
 public:
  PolicyTraits traits() const override {
    return {.order = PolicyTraits::Order::longest_first, .revision = PolicyTraits::Revision::moves_and_copies};
  }

  std::uint64_t chunk(NodeView const& node, PoolView const& pool) override {
    if (!node.mean_runtime) return 1;
    auto const job = std::max(std::chrono::duration<double>{*node.mean_runtime}.count(), 1e-9);
    auto const message = std::chrono::duration<double>{pool.message_cost}.count();
    auto const for_node = std::max(least_work, work_per_cost * message) * node.solvers / job;
    auto const usage = message * pool.solvers / job;
    auto const for_main_node = calm * usage * usage;
    auto const parts = std::max(2.0, (2 - std::min(1.0, usage)) * pool.nodes);
    auto const share = std::ceil(static_cast<double>(pool.unassigned) * trusted_weight(node, pool.times) / parts);
    auto const known = trust * static_cast<double>(pool.times.count) / pool.nodes;
    auto const cheap = std::ceil(std::max(for_node, for_main_node));
    return static_cast<std::uint64_t>(std::max(1.0, std::min({cheap, share, known})));
  }
};

}  // namespace

std::unique_ptr<Policy> make_auto(Parameters&) { return std::make_unique<Auto>(); }

}  // namespace ballast
