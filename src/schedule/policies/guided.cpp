// guided: ⌈R/P⌉ jobs, so that chunks shrink as the pool does (GSS; Polychronopoulos & Kuck 1987).
#include "schedule/policies/policies.hpp"

namespace ballast {
namespace {

class Guided final : public Policy {
 public:
  std::uint64_t chunk(NodeView const&, PoolView const& pool) override { return equal_share(pool); }
};

}  // namespace

std::unique_ptr<Policy> make_guided(Parameters&) { return std::make_unique<Guided>(); }

}  // namespace ballast
