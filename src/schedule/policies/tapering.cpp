// tapering: an equal share, less a margin for the spread of the jobs' times (TAP; Lucco 1992).
//
// With v = α·σ/μ and r = R/P, ⌈r + v²/2 − v√(2r + v²/4)⌉ jobs; α = 1.3 makes it unlikely that a chunk outlasts the
// rest. μ and σ are those given, else those of all jobs solved so far. Before two jobs are solved nothing is known of
// the spread, and v = 0 (GSS) would risk most when least is known: half an equal share (FAC2) is given instead.
#include "schedule/policies/given_times.hpp"
#include "schedule/policies/policies.hpp"

namespace ballast {
namespace {

class Tapering final : public Policy {
 public:
  Tapering(double alpha, std::optional<GivenTimes> mean_and_sigma) : alpha_{alpha}, given_{mean_and_sigma} {}

  std::uint64_t chunk(NodeView const&, PoolView const& pool) override {
    auto const [mean, sigma] = given_.value_or(GivenTimes{pool.times.mean, pool.times.deviation});
    if (!given_ && (pool.times.count < 2 || !(mean > 0))) return half_share(pool);
    auto const share = static_cast<double>(pool.unassigned) / static_cast<double>(node_count(pool));
    auto const v = alpha_ * sigma / mean;
    return whole_jobs(share + v * v / 2 - v * std::sqrt(2 * share + v * v / 4), pool.unassigned);
  }

 private:
  double alpha_;
  std::optional<GivenTimes> given_;
};

}  // namespace

std::unique_ptr<Policy> make_tapering(Parameters& parameters) {
  auto const alpha = parameters.number("alpha", 0).value_or(1.3);
  return std::make_unique<Tapering>(alpha, GivenTimes::take_mean_and_sigma(parameters));
}

}  // namespace ballast
