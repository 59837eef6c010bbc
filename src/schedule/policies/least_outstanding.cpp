// least-outstanding: the next job to the node with the fewest unfinished jobs for its weight (least connections).
//
// The dispatcher offers jobs to the nodes with room in the order of held ÷ weight, whatever the policy; with single
// jobs the first in that order gets the next one, and that is the whole technique.
#include "schedule/policies/policies.hpp"

namespace ballast {
namespace {

class LeastOutstanding final : public Policy {
 public:
  std::uint64_t chunk(NodeView const&, PoolView const&) override { return 1; }
};

}  // namespace

std::unique_ptr<Policy> make_least_outstanding(Parameters&) { return std::make_unique<LeastOutstanding>(); }

}  // namespace ballast
