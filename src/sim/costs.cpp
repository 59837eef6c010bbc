// Costs by distribution: a uniform number per job, bent into shape and scaled to the mean.
#include <algorithm>
#include <cmath>
#include <functional>
#include <numbers>
#include <string>

#include "ballast/core/error.hpp"
#include "ballast/core/parameters.hpp"
#include "ballast/sim/workload.hpp"
#include "sim/chance.hpp"

namespace ballast {
namespace {

/// The cost of a job in units of the mean.
using Shape = std::function<double(std::uint64_t job)>;

struct Draw {
  std::uint64_t jobs;
  std::uint64_t seed;

  [[nodiscard]] double uniform(std::uint64_t job) const { return chance(seed, 1, job); }
  /// Box & Muller 1958.
  [[nodiscard]] double normal(std::uint64_t job) const {
    return std::sqrt(-2 * std::log(uniform(job))) * std::cos(2 * std::numbers::pi * chance(seed, 2, job));
  }
  /// 0 … 1 from the first job to the last one, the ends excluded.
  [[nodiscard]] double place(std::uint64_t job) const {
    return (static_cast<double>(job) + 0.5) / static_cast<double>(jobs);
  }
};

Shape constant(Parameters&, Draw) {
  return [](std::uint64_t) { return 1.0; };
}

Shape uniform(Parameters& parameters, Draw draw) {
  auto const spread = parameters.number("spread", 0).value_or(1);
  if (spread > 1) parameters.refuse("spread", "costs would be negative beyond 1");
  return [=](std::uint64_t job) { return 1 + spread * (2 * draw.uniform(job) - 1); };
}

Shape exponential(Parameters&, Draw draw) {
  return [=](std::uint64_t job) { return -std::log(draw.uniform(job)); };
}

Shape lognormal(Parameters& parameters, Draw draw) {
  auto const sigma = parameters.number("sigma", 0).value_or(1.5);
  if (sigma > 5) parameters.refuse("sigma", "no number of jobs comes near the mean beyond 5");
  return [=](std::uint64_t job) { return std::exp(sigma * draw.normal(job) - sigma * sigma / 2); };
}

Shape bimodal(Parameters& parameters, Draw draw) {
  auto const ratio = parameters.number("ratio", 1).value_or(10);
  auto const share = parameters.number("share", 0).value_or(0.1);
  if (share > 1) parameters.refuse("share", "a share is between 0 and 1");
  auto const brief = 1 / (1 - share + share * ratio);
  return [=](std::uint64_t job) { return draw.uniform(job) < share ? brief * ratio : brief; };
}

Shape rising(Parameters&, Draw draw) {
  return [=](std::uint64_t job) { return 2 * draw.place(job); };
}

Shape falling(Parameters&, Draw draw) {
  return [=](std::uint64_t job) { return 2 - 2 * draw.place(job); };
}

struct Distribution {
  std::string_view name;
  Shape (*make)(Parameters&, Draw);
};

constexpr Distribution distributions[] = {{"constant", constant},   {"uniform", uniform}, {"exponential", exponential},
                                          {"lognormal", lognormal}, {"bimodal", bimodal}, {"rising", rising},
                                          {"falling", falling}};

}  // namespace

JobCosts draw_costs(std::string_view choice, std::uint64_t jobs, std::uint64_t seed) {
  Parameters parameters{"cost", choice};
  auto const* const chosen = std::find_if(std::begin(distributions), std::end(distributions),
                                          [&](auto const& entry) { return entry.name == parameters.name(); });
  if (chosen == std::end(distributions))
    throw UsageError{"there is no distribution of costs `" + parameters.name() + "`", "",
                     "try constant, uniform, exponential, lognormal, bimodal, rising or falling"};
  auto const mean = parameters.duration("mean").value_or(std::chrono::milliseconds{10});
  auto const shape = chosen->make(parameters, {jobs, seed});
  parameters.finish();

  constexpr double longest = 1e18;  // ns, thirty years: what is drawn beyond would not fit into a Duration
  JobCosts costs(jobs);
  for (std::uint64_t job = 0; job < jobs; ++job)
    costs[job] = Duration{std::llround(std::min(shape(job) * static_cast<double>(mean.count()), longest))};
  return costs;
}

}  // namespace ballast
