// self: one job at a time to whoever has room (SS; Tang & Yew 1986).
#include "schedule/policies/policies.hpp"

namespace ballast {
namespace {

class Self final : public Policy {
 public:
  std::uint64_t chunk(NodeView const&, PoolView const&) override { return 1; }
};

}  // namespace

std::unique_ptr<Policy> make_self(Parameters&) { return std::make_unique<Self>(); }

}  // namespace ballast
