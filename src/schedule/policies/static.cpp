// static: one block of ⌈N/P⌉ jobs for each node, decided before the first job runs.
#include <algorithm>

#include "schedule/policies/policies.hpp"

namespace ballast {
namespace {

class Static final : public Policy {
 public:
  PolicyTraits traits() const override {
    return {.total = PolicyTraits::Total::needed, .revision = PolicyTraits::Revision::none};
  }

  std::optional<Lane> lane(std::uint32_t place, PoolView const& pool) const override {
    auto const block = ceil_div(pool.total, node_count(pool));
    auto const first = std::min(pool.total, place * block);
    return Lane{.first = first, .end = std::min(pool.total, first + block)};
  }

  // What comes back to the common pool (from a node that left) is divided in the same way.
  std::uint64_t chunk(NodeView const& node, PoolView const& pool) override {
    return node.reserved > 0 ? node.reserved : equal_share(pool);
  }
};

}  // namespace

std::unique_ptr<Policy> make_static(Parameters&) { return std::make_unique<Static>(); }

}  // namespace ballast
