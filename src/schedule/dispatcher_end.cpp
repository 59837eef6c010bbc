// How jobs and runs end before their time: with their node, with the time that is left, or because they are told to.
#include <algorithm>
#include <utility>
#include <vector>

#include "schedule/dispatcher.hpp"

namespace ballast {
namespace {

// It may be the job that kills them.
constexpr std::uint32_t most_losses = 3;

}  // namespace

void Dispatcher::take(NodeLost const& event) {
  returning_.erase(event.node);
  auto const* const node = roster_.find(event.node);
  if (node == nullptr) return;
  std::vector<std::pair<JobAttempt, Ledger::Troubles>> poisonous;
  for (auto const& [name, since] : node->running) {
    auto const troubles = ledger_.lose_running(event.node, name);
    if (!troubles) continue;
    if (troubles->losses >= most_losses)
      poisonous.emplace_back(name, *troubles);
    else if (troubles->rival == Ledger::Troubles::Rival::none)
      ledger_.retry(name, {});
  }
  leave(event.node);
  for (auto const& [name, troubles] : poisonous) give_up(event.node, name, troubles);
  fill_hungry();
}

void Dispatcher::take(NodeLeft const& event) {
  leave(event.node);
  returning_.insert(event.node);
  fill_hungry();
}

void Dispatcher::give_up(NodeId node, JobAttempt name, Ledger::Troubles const& troubles) {
  if (auto const rival = ledger_.take_rival(name.job)) cancel(*rival);
  ledger_.give_up(name);
  step_.facts.push_back(JobGivenUp{node, name, troubles.failures, troubles.losses});
}

void Dispatcher::take(AssignmentPaused const&) {
  if (assignment_ == Assignment::open) assignment_ = Assignment::paused;
}

void Dispatcher::take(AssignmentResumed const&) {
  if (assignment_ == Assignment::paused) assignment_ = Assignment::open;
  fill_hungry();
}

void Dispatcher::take(TimePassed const&) {
  if (rules_.delay) fill_hungry();
}

void Dispatcher::take(DrainBegan const&) {
  if (std::exchange(assignment_, Assignment::closed) == Assignment::closed) return;
  for (auto& [id, node] : roster_) {
    if (node.held <= node.running.size()) continue;
    node.recalling = true;
    step_.actions.push_back(RecallJobs{id, node.held - node.running.size()});
  }
}

double Dispatcher::most_cost(Node const& node) const {
  if (!rules_.end) return CostLimits::none;
  auto const average = roster_.expected_runtime(node);
  if (!average) return CostLimits::none;
  auto const left = *rules_.end - (now_ - *begun_);
  return static_cast<double>(left.count()) / static_cast<double>(average->count());
}

Ledger::Fits Dispatcher::in_time(Node const& node) const {
  auto const most = most_cost(node);
  if (most == CostLimits::none) return {};
  return [this, most](JobId job) { return cost_of(job).value_or(1) <= most; };
}

bool Dispatcher::holds_nothing() const {
  return std::all_of(roster_.begin(), roster_.end(), [](auto const& one) { return one.second.held == 0; });
}

bool Dispatcher::is_drained() {
  if (assignment_ == Assignment::closed) return holds_nothing();
  if (!rules_.end || assignment_ == Assignment::paused || !open_ || roster_.count() == 0) return false;
  if (roster_.times().count == 0 || !has_work() || !holds_nothing() || has_orphans()) return false;
  // Who was refused may be expected to be faster by now.
  fill_hungry();
  return holds_nothing();
}

void Dispatcher::conclude() {
  if (concluded_) return;
  if (ledger_.finished())
    step_.facts.push_back(RunFinished{now_ - *begun_});
  else if (is_drained())
    step_.facts.push_back(RunDrained{ledger_.unresolved()});
  else if (open_ && roster_.count() == 0 && returning_.empty() && ledger_.unresolved() > 0)
    step_.facts.push_back(RunStranded{ledger_.unresolved()});
  else
    return;
  concluded_ = true;
  alarm_.reset();
}

}  // namespace ballast
