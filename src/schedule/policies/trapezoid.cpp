// trapezoid: chunks that shrink by equal steps (TSS; Tzen & Ni 1993).
//
// The s-th chunk, s = 0, 1, …, has f − s·δ jobs, where f = ⌈N/2P⌉ is the first, l = 1 the last, n = ⌈2N/(f + l)⌉ their
// number and δ = ⌊(f − l)/(n − 1)⌋. Jobs that are left after these n (some came back) go in chunks of l.
#include <algorithm>

#include "schedule/policies/policies.hpp"

namespace ballast {
namespace {

class Trapezoid final : public Policy {
 public:
  Trapezoid(std::optional<std::uint64_t> first, std::uint64_t last) : given_first_{first}, last_{last} {}

  PolicyTraits traits() const override { return {.total = PolicyTraits::Total::needed}; }

  std::uint64_t chunk(NodeView const&, PoolView const& pool) override {
    if (!planned_) planned_ = plan(pool);
    auto const& [first, step, chunks] = *planned_;
    if (dealt_ >= chunks) return last_;
    return first - step * dealt_++;
  }

 private:
  struct Plan {
    std::uint64_t first{};
    std::uint64_t step{};
    std::uint64_t chunks{};
  };

  /// By the nodes that are there at the first request: the steps do not change on the way down.
  [[nodiscard]] Plan plan(PoolView const& pool) const {
    auto const half = ceil_div(pool.total, 2 * node_count(pool));
    auto const first = std::max(last_, given_first_.value_or(half));
    auto const chunks = ceil_div(2 * pool.total, first + last_);
    return {first, chunks > 1 ? (first - last_) / (chunks - 1) : 0, chunks};
  }

  std::optional<std::uint64_t> given_first_;
  std::uint64_t last_;
  std::optional<Plan> planned_;
  std::uint64_t dealt_{0};  // of the planned chunks
};

}  // namespace

std::unique_ptr<Policy> make_trapezoid(Parameters& parameters) {
  auto const first = parameters.count("first", 1);
  auto const last = parameters.count("last", 1);
  if (first && last && *last > *first) parameters.refuse("last", "it is more than first");
  return std::make_unique<Trapezoid>(first, last.value_or(1));
}

}  // namespace ballast
