// Speeds by distribution, and what they make possible.
#include <algorithm>
#include <cmath>
#include <numbers>
#include <numeric>

#include "ballast/core/contract.hpp"
#include "ballast/core/error.hpp"
#include "ballast/core/parameters.hpp"
#include "ballast/sim/workload.hpp"

namespace ballast {
namespace {

constexpr double least_factor = 1;

double seconds(Duration duration) { return std::chrono::duration<double>{duration}.count(); }

}  // namespace

Speeds::Speeds(std::string_view choice, std::uint32_t nodes) : base_(nodes, 1.0) {
  BALLAST_EXPECT(nodes > 0);
  Parameters parameters{"speeds", choice};
  auto const slow_down = [&](double count, double factor) {
    auto const slow = static_cast<std::uint32_t>(std::min<double>(std::ceil(count), nodes));
    std::fill_n(base_.begin(), slow, 1 / factor);
    if (slow == nodes) fastest_ = 1 / factor;
  };
  if (parameters.name() == "two") {
    auto const ratio = parameters.number("ratio", least_factor).value_or(2);
    auto const share = parameters.number("share", 0).value_or(0.5);
    if (share > 1) parameters.refuse("share", "a share is between 0 and 1");
    slow_down(share * nodes, ratio);
  } else if (parameters.name() == "slow") {
    auto const factor = parameters.number("factor", least_factor).value_or(4);
    slow_down(parameters.number("nodes", 0).value_or(1), factor);
  } else if (parameters.name() == "drift") {
    auto const factor = parameters.number("factor", least_factor).value_or(4);
    period_ = seconds(parameters.duration("period").value_or(std::chrono::seconds{10}));
    if (period_ <= 0) parameters.refuse("period", "it must be more than nothing");
    swing_ = (1 - 1 / factor) / 2;
    std::fill(base_.begin(), base_.end(), 1 - swing_);
  } else if (parameters.name() != "equal") {
    throw UsageError{"there is no distribution of speeds `" + parameters.name() + "`", "",
                     "try equal, two, slow or drift"};
  }
  parameters.finish();
}

double Speeds::at(std::uint32_t place, Time time) const {
  if (swing_ == 0) return base_[place];
  auto const phase = static_cast<double>(place) / static_cast<double>(nodes());
  auto const turns = seconds(time.time_since_epoch()) / period_ + phase;
  return base_[place] + swing_ * std::sin(2 * std::numbers::pi * turns);
}

Duration ideal_makespan(Workload const& workload) {
  auto const& [costs, speeds, solvers] = workload;
  if (costs.empty()) return {};
  double work = 0;
  for (auto const cost : costs) work += static_cast<double>(cost.count());
  double speed = 0;
  for (std::uint32_t place = 0; place < speeds.nodes(); ++place) speed += speeds.mean(place);
  auto const longest = static_cast<double>(std::max_element(costs.begin(), costs.end())->count());
  return Duration{std::llround(std::max(work / (speed * solvers), longest / speeds.fastest()))};
}

}  // namespace ballast
