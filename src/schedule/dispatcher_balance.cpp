// The dispatcher's end game: idle nodes get what others have not started, and then second copies of what is late.
#include <algorithm>

#include "schedule/dispatcher.hpp"

namespace ballast {
namespace {

// A look costs a pass over all nodes, so it is repeated in proportion to a job's time, and less often the longer there
// was nothing to do.
constexpr Duration shortest_pause = std::chrono::microseconds{100};
constexpr int looks_per_job = 16;
constexpr Duration pause_per_node = std::chrono::microseconds{2};
constexpr int looks_per_job_in_vain = 2;
// What has run for so many times the longest job so far is not expected to end.
constexpr int hung_after = 3;

}  // namespace

bool Dispatcher::may_balance() const {
  using Revision = PolicyTraits::Revision;
  if (!open_ || concluded_ || assignment_ != Assignment::open || hungry_.empty() || roster_.count() < 2 ||
      roster_.times().count == 0)
    return false;
  if (traits_.revision == Revision::none || ledger_.has_waiting()) return false;
  if (rules_.shards == 1 && ledger_.pool().common() > 0) return false;
  bool const copies = rules_.speculation == Speculation::on && ledger_.dataset_ended();
  return ledger_.unresolved() > 0 && (copies || traits_.revision == Revision::moves_and_copies);
}

void Dispatcher::balance() {
  alarm_.reset();
  if (!may_balance()) return;
  if (now_ < next_look_) {
    alarm_ = next_look_;
    return;
  }
  auto const idle = idle_nodes();
  auto const job = Duration{static_cast<Duration::rep>(roster_.times().mean * 1e9)};
  auto const at_least = std::max({shortest_pause, job / looks_per_job, pause_per_node * roster_.count()});
  bool const done = !idle.empty() && relieve(idle);
  pause_ = done ? at_least : std::clamp(pause_ * 2, at_least, std::max(at_least, job / looks_per_job_in_vain));
  next_look_ = now_ + pause_;
  if (!idle.empty()) alarm_ = next_look_;
}

std::vector<IdleNode> Dispatcher::idle_nodes() const {
  std::vector<IdleNode> idle;
  for (auto const& [load, id] : hungry_) {
    auto const& node = *roster_.find(id);
    if (node.held < node.solvers && node.quota > 0)
      idle.push_back({id, node.solvers, std::min<std::uint64_t>(node.solvers - node.held, node.quota),
                      *roster_.expected_runtime(node)});
  }
  return idle;
}

Duration Dispatcher::wait_on(Node const& node) const {
  auto const job = *roster_.expected_runtime(node);
  if (node.running.size() < node.solvers) return job;
  auto wait = Duration::max();
  for (auto const& [name, since] : node.running) {
    auto const total = *roster_.expected_runtime(node, cost_of(name.job).value_or(1));
    wait = std::min(wait, expected_rest(now_ - since, total));
  }
  return wait;
}

// Where jobs are tied to nodes, each idle one is looked at by itself: they may not be able to take the same.
bool Dispatcher::relieve(std::vector<IdleNode> const& idle) {
  if (rules_.shards == 1) return recall_for(idle) || copy_for(idle);
  return std::any_of(idle.begin(), idle.end(),
                     [&](IdleNode const& one) { return recall_for({one}) || copy_for({one}); });
}

bool Dispatcher::recall_for(std::vector<IdleNode> const& idle) {
  if (traits_.revision != PolicyTraits::Revision::moves_and_copies) return false;
  auto const recalls = plan_recalls(laden_nodes(idle), idle, round_trip_.shortest());
  for (auto const& recall : recalls) {
    roster_.find(recall.from)->recalling = true;
    step_.actions.push_back(RecallJobs{recall.from, recall.count});
  }
  return !recalls.empty();
}

bool Dispatcher::copy_for(std::vector<IdleNode> const& idle) {
  if (rules_.speculation == Speculation::off || !ledger_.dataset_ended()) return false;
  std::uint64_t started = 0, held = 0;
  for (auto const& [id, node] : roster_) {
    held += node.held;
    started += node.running.size();
  }
  if (started < held) return false;
  auto const copies =
      plan_copies(stragglers(idle), idle, round_trip_.shortest(), hung_after * roster_.longest_runtime());
  for (auto const& [holder, to] : copies) {
    auto& node = *roster_.find(to);
    if (auto const fits = in_time(node); fits && !fits(holder.name.job)) continue;
    auto const copy = ledger_.copy(holder, to);
    --node.quota;
    node.assigned(1, now_);
    roster_.count_held(node, cost_of(copy.job).value_or(0));
    step_.actions.push_back(AssignJobs{to, {{copy.job, 1, copy.attempt}}, SecondCopy{holder.node}});
  }
  return !copies.empty();
}

}  // namespace ballast
