// factoring: batches of P equal chunks, each batch a part of what is left (Flynn Hummel, Schonberg & Flynn 1992).
//
// A chunk has ⌈R/(x·P)⌉ jobs, R as it was at the first request of the batch. FAC2: x = 2. Where the mean μ and the
// spread σ of the jobs' times are given, FAC: with b = P·σ / (2μ√R), x = 1 + b² + b√(b² + 2) in the first batch and
// 2 + b² + b√(b² + 4) in all later ones.
#include "schedule/policies/batch.hpp"
#include "schedule/policies/given_times.hpp"
#include "schedule/policies/policies.hpp"

namespace ballast {
namespace {

class Factoring final : public Policy {
 public:
  explicit Factoring(std::optional<GivenTimes> mean_and_sigma) : given_{mean_and_sigma} {}

  std::uint64_t chunk(NodeView const&, PoolView const& pool) override {
    if (batch_.opens(pool)) {
      size_ = given_ ? known_spread(pool) : half_share(pool);
      in_first_batch_ = false;
    }
    return size_;
  }

 private:
  [[nodiscard]] std::uint64_t known_spread(PoolView const& pool) const {
    auto const [mean, sigma] = *given_;
    auto const left = static_cast<double>(pool.unassigned);
    auto const nodes = static_cast<double>(node_count(pool));
    auto const b = nodes * sigma / (2 * mean * std::sqrt(left));
    auto const least = in_first_batch_ ? 1.0 : 2.0;
    auto const x = least + b * b + b * std::sqrt(b * b + 2 * least);
    return whole_jobs(left / (x * nodes), pool.unassigned);
  }

  std::optional<GivenTimes> given_;
  Batch batch_;
  bool in_first_batch_{true};
  std::uint64_t size_{1};
};

}  // namespace

std::unique_ptr<Policy> make_factoring(Parameters& parameters) {
  return std::make_unique<Factoring>(GivenTimes::take_mean_and_sigma(parameters));
}

}  // namespace ballast
