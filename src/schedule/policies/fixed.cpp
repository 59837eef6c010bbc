// fixed: chunks of one size.
//
// Where the overhead h of a message and the spread σ of the jobs' times are given, FSC: ⌈(√2·N·h / (σ·P·√ln P))^⅔⌉
// (Kruskal & Weiss 1985), and no more than ⌈N/P⌉. Without them mFSC: ⌊0.55 + t·ln 2 / ln t⌋ with t = ⌈N/P⌉, which makes
// about as many chunks as factoring (Banicescu, Ciorba & Srivastava 2013).
#include <algorithm>
#include <cmath>

#include "schedule/policies/given_times.hpp"
#include "schedule/policies/policies.hpp"

namespace ballast {
namespace {

class Fixed final : public Policy {
 public:
  explicit Fixed(std::optional<GivenTimes> overhead_and_sigma) : given_{overhead_and_sigma} {}

  PolicyTraits traits() const override { return {.total = PolicyTraits::Total::needed}; }

  std::uint64_t chunk(NodeView const&, PoolView const& pool) override {
    return given_ ? known_spread(pool) : unknown_spread(pool);
  }

 private:
  [[nodiscard]] std::uint64_t known_spread(PoolView const& pool) const {
    auto const [overhead, sigma] = *given_;
    auto const nodes = static_cast<double>(node_count(pool));
    auto const share = ceil_div(pool.total, node_count(pool));
    // No spread, or nobody to wait for: nothing is gained by more than one chunk per node.
    if (sigma == 0 || nodes == 1) return std::max<std::uint64_t>(share, 1);
    auto const ratio = std::sqrt(2.0) * static_cast<double>(pool.total) * overhead;
    return whole_jobs(std::pow(ratio / (sigma * nodes * std::sqrt(std::log(nodes))), 2.0 / 3), share);
  }

  [[nodiscard]] static std::uint64_t unknown_spread(PoolView const& pool) {
    auto const share = ceil_div(pool.total, node_count(pool));
    if (share <= 1) return 1;  // ln 1 = 0
    auto const jobs = static_cast<double>(share);
    return whole_jobs(std::floor(0.55 + jobs * std::log(2.0) / std::log(jobs)), share);
  }

  std::optional<GivenTimes> given_;
};

}  // namespace

std::unique_ptr<Policy> make_fixed(Parameters& parameters) {
  return std::make_unique<Fixed>(GivenTimes::take(parameters, "h", "sigma"));
}

}  // namespace ballast
