// cyclic, round-robin: job k belongs to node k mod P, whatever the nodes' speed.
#include "schedule/policies/policies.hpp"

namespace ballast {
namespace {

class Cyclic final : public Policy {
 public:
  PolicyTraits traits() const override { return {.revision = PolicyTraits::Revision::none}; }

  std::optional<Lane> lane(std::uint32_t place, PoolView const& pool) const override {
    return Lane{.first = place, .stride = node_count(pool)};
  }

  std::uint64_t chunk(NodeView const&, PoolView const&) override { return 1; }
};

}  // namespace

std::unique_ptr<Policy> make_cyclic(Parameters&) { return std::make_unique<Cyclic>(); }

}  // namespace ballast
