// longest-first: single jobs, the longest first (LPT; Graham 1969: at most 4/3 − 1/3P of the shortest time possible).
//
// The dispatcher puts the jobs in order where it knows their costs; where it does not, this is `self`.
#include "schedule/policies/policies.hpp"

namespace ballast {
namespace {

class LongestFirst final : public Policy {
 public:
  PolicyTraits traits() const override { return {.order = PolicyTraits::Order::longest_first}; }

  std::uint64_t chunk(NodeView const&, PoolView const&) override { return 1; }
};

}  // namespace

std::unique_ptr<Policy> make_longest_first(Parameters&) { return std::make_unique<LongestFirst>(); }

}  // namespace ballast
