// weighted-factoring: the chunk of FAC2, ⌈R/2P⌉ by batches of P, times the node's weight wᵢ, where Σwᵢ = P
// (WF; Flynn Hummel, Schmidt, Uma & Wein 1996).
#include "schedule/policies/batch.hpp"
#include "schedule/policies/policies.hpp"

namespace ballast {
namespace {

class WeightedFactoring final : public Policy {
 public:
  std::uint64_t chunk(NodeView const& node, PoolView const& pool) override {
    if (batch_.opens(pool)) size_ = half_share(pool);
    return whole_jobs(static_cast<double>(size_) * node.weight, pool.unassigned);
  }

 private:
  Batch batch_;
  std::uint64_t size_{1};
};

}  // namespace

std::unique_ptr<Policy> make_weighted_factoring(Parameters&) { return std::make_unique<WeightedFactoring>(); }

}  // namespace ballast
