// auto: as many jobs as fill a millisecond of the node's time, and fewer towards the end.
//
// A message costs 10–20 µs of a core, so a millisecond of work per message keeps that below 2 %; jobs that last longer
// go one by one, which balances best. No chunk is larger than the node's share of half of what is left (as in
// factoring; Flynn Hummel, Schonberg & Flynn 1992), so the last chunks are single jobs. Until a node's first job is
// measured it gets one.
#include <algorithm>

#include "schedule/policies/policies.hpp"

namespace ballast {
namespace {

constexpr Duration work_per_message = std::chrono::milliseconds{1};

class Auto final : public Policy {
 public:
  std::uint64_t chunk(NodeView const& node, PoolView const& pool) override {
    if (!node.mean_runtime) return 1;
    auto const runtime = static_cast<std::uint64_t>(std::max<Duration::rep>(node.mean_runtime->count(), 1));
    auto const filling = node.solvers * ceil_div(static_cast<std::uint64_t>(work_per_message.count()), runtime);
    auto const share = ceil_div(pool.unassigned, 2ULL * pool.solvers) * node.solvers;
    return std::max<std::uint64_t>(std::min(filling, share), 1);
  }
};

}  // namespace

std::unique_ptr<Policy> make_auto(Parameters&) { return std::make_unique<Auto>(); }

}  // namespace ballast
