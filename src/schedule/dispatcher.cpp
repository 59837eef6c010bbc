// Fill, then reap: a node with room is filled chunk by chunk; what ends is taken off it, and it is filled again.
#include "schedule/dispatcher.hpp"

#include <algorithm>

namespace ballast {
namespace {

// A node that is to hold this much work ahead never waits for the next message (the Main Node sleeps for half of it).
constexpr Duration work_ahead = std::chrono::milliseconds{2};
constexpr std::uint64_t most_ahead_per_solver = 256;

}  // namespace

Dispatcher::Dispatcher(std::unique_ptr<Policy> policy, Rules rules) : policy_{std::move(policy)}, rules_{rules} {}

Step Dispatcher::on(Event const& event, Time now) {
  Step step;
  if (!begun_) begun_ = now;
  std::visit([&](auto const& happened) { take(happened, step); }, event);
  conclude(step, now);
  return step;
}

void Dispatcher::take(NodeJoined const& event, Step& step) {
  auto& node = roster_.join(event.node, event.solvers, rules_.max_jobs_per_node);
  if (open_) fill(node, step);
}

void Dispatcher::take(NodeLost const& event, Step& step) {
  roster_.leave(event.node);
  ledger_.lose(event.node);
  fill_all(step);
}

void Dispatcher::take(JobsFound const& event, Step& step) {
  ledger_.pool().grow(event.count);
  fill_all(step);
}

void Dispatcher::take(DatasetEnded const&, Step& step) {
  ledger_.end_dataset();
  fill_all(step);
}

void Dispatcher::take(SolutionArrived const& event, Step& step) {
  if (!ledger_.settle(event.node, event.name)) {
    step.facts.push_back(NewsDropped{event.node, event.name});
    return;
  }
  step.facts.push_back(SolutionAccepted{event.node, event.name});
  auto& node = *roster_.find(event.node);
  node.measure(event.runtime);
  fill(node, step);
}

void Dispatcher::take(FailureArrived const& event, Step& step) {
  auto const failures = ledger_.fail(event.node, event.name);
  if (!failures) {
    step.facts.push_back(NewsDropped{event.node, event.name});
    return;
  }
  if (*failures > rules_.retries) {
    ledger_.give_up(event.name);
    step.facts.push_back(JobGivenUp{event.node, event.name, *failures});
  } else {
    ledger_.retry(event.name, event.node);
    step.facts.push_back(RetryPlanned{event.node, event.name});
  }
  fill_all(step);
}

void Dispatcher::open() {
  if (open_ || ledger_.pool().total() == 0 || (needs_total() && !ledger_.dataset_ended())) return;
  open_ = true;
  std::uint32_t position = 0;  // among those who are here now: lanes must cover the dataset without a hole
  for (auto const& [id, node] : roster_)
    if (auto const lane = policy_->lane(position++, pool_view())) ledger_.pool().reserve(id, *lane);
}

void Dispatcher::fill_all(Step& step) {
  open();
  if (!open_) return;
  // One chunk per node and pass: the first nodes must not take what is meant for all.
  for (bool given = true; given;) {
    given = false;
    for (auto& [id, node] : roster_) given |= give_chunk(node, step);
  }
  dismiss_done(step);
}

void Dispatcher::fill(Node& node, Step& step) {
  while (give_chunk(node, step)) {
  }
  if (node.quota == 0) dismiss_done(step);
}

bool Dispatcher::give_chunk(Node& node, Step& step) {
  auto const held = ledger_.held(node.id);
  auto const room = node.solvers + depth(node);
  if (held >= room || node.quota == 0) return false;
  auto runs = next_chunk(node, std::min(room - held, node.quota));
  if (runs.empty()) return false;
  for (auto const& run : runs) node.quota -= run.count;
  step.actions.push_back(AssignJobs{node.id, std::move(runs), AnotherTry{}});
  return true;
}

JobRuns Dispatcher::next_chunk(Node const& node, std::uint64_t room) {
  auto const fallback =
      roster_.count() == 1 ? Ledger::Fallback::take_it_again : Ledger::Fallback::wait_for_another_node;
  if (auto runs = ledger_.reassign(node.id, room, fallback); !runs.empty()) return runs;
  auto const pool = pool_view();
  NodeView const view{node.id, node.solvers,     ledger_.pool().reserved(node.id), ledger_.held(node.id),
                      1,       node.mean_runtime};
  if (view.reserved + pool.unassigned == 0) return {};
  return ledger_.assign(node.id, std::min(policy_->chunk(view, pool), node.quota));
}

std::uint64_t Dispatcher::depth(Node const& node) const {
  if (rules_.prefetch) return *rules_.prefetch;
  if (!node.mean_runtime) return node.solvers;
  auto const jobs = work_ahead / std::max(*node.mean_runtime, Duration{1}) + 1;
  return node.solvers * std::min<std::uint64_t>(static_cast<std::uint64_t>(jobs), most_ahead_per_solver);
}

Duration Dispatcher::lead(NodeId id) const {
  auto const* const node = roster_.find(id);
  if (node == nullptr || !node->mean_runtime) return {};
  return *node->mean_runtime * static_cast<Duration::rep>(depth(*node)) / node->solvers;
}

void Dispatcher::dismiss_done(Step& step) {
  std::vector<NodeId> done;
  for (auto const& [id, node] : roster_)
    if (node.quota == 0 && ledger_.held(id) == 0) done.push_back(id);
  for (auto const id : done) {
    roster_.leave(id);
    ledger_.lose(id);
    step.actions.push_back(DismissNode{id});
  }
  if (!done.empty()) fill_all(step);
}

void Dispatcher::conclude(Step& step, Time now) {
  if (concluded_) return;
  if (ledger_.finished())
    step.facts.push_back(RunFinished{now - *begun_});
  else if (open_ && roster_.count() == 0 && ledger_.unresolved() > 0)
    step.facts.push_back(RunStranded{ledger_.unresolved()});
  else
    return;
  concluded_ = true;
}

PoolView Dispatcher::pool_view() const {
  return {ledger_.pool().total(), ledger_.pool().common(), roster_.count(), roster_.solvers(), {}, {}};
}

}  // namespace ballast
