// Fill, then reap: a node with room is filled chunk by chunk; what ends is taken off it, and it is filled again.
#include "schedule/dispatcher.hpp"

#include <algorithm>
#include <numeric>
#include <utility>

namespace ballast {
namespace {

// A node that is to hold this much work ahead never waits for the next message (the Main Node sleeps for half of it).
constexpr Duration work_ahead = std::chrono::milliseconds{2};
constexpr std::uint64_t most_ahead_per_solver = 256;
constexpr double average_cost = 1;  // the unit of costs
constexpr double least_cost = 1e-6;
// A node that is slower by less than this may take any job.
constexpr double nearly_as_fast = 1.5;

}  // namespace

Dispatcher::Dispatcher(std::string_view policy, Rules rules)
    : rules_{rules}, owners_(rules.shards), ledger_{rules.shards} {
  for (std::uint32_t shard = 0; shard < rules.shards; ++shard) policies_.push_back(make_policy(policy));
  traits_ = policies_.front()->traits();
}

Step Dispatcher::on(Event const& event, Time now) {
  if (!begun_) begun_ = now;
  now_ = now;
  std::visit([&](auto const& happened) { take(happened); }, event);
  balance();
  if (is_early() && !hungry_.empty() && has_work()) alarm_ = std::min(alarm_.value_or(Time::max()), next_start_);
  conclude();
  return std::exchange(step_, {});
}

bool Dispatcher::needs_total() const { return is_ordered() || traits_.total == PolicyTraits::Total::needed; }

bool Dispatcher::is_ordered() const {
  return traits_.order == PolicyTraits::Order::longest_first && !costs_.empty() && rules_.shards == 1;
}

void Dispatcher::take(NodeJoined const& event) {
  returning_.erase(event.node);
  auto& node = roster_.join(event, rules_.max_jobs_per_node);
  for (auto const shard : node.shards) {
    owners_[shard].nodes += 1;
    owners_[shard].solvers += node.solvers;
    policies_[shard]->learn(NodeArrived{view(node, shard)});
  }
  note_hunger(node);
  fill_hungry();
}

void Dispatcher::take(CostsExpected const& event) {
  auto const sum = std::accumulate(event.costs.begin(), event.costs.end(), 0.0);
  if (!(sum > 0)) return;
  costs_ = event.costs;
  for (auto& cost : costs_) cost = std::max(cost * static_cast<double>(costs_.size()) / sum, least_cost);
}

void Dispatcher::take(JobsResolved const& event) {
  for (std::uint32_t shard = 0; shard < rules_.shards; ++shard) ledger_.pool(shard).leave_out(event.spans);
}

void Dispatcher::take(JobsFound const& event) {
  for (std::uint32_t shard = 0; shard < rules_.shards; ++shard) ledger_.pool(shard).grow(event.count);
  fill_hungry();
}

void Dispatcher::take(DatasetEnded const&) {
  ledger_.end_dataset();
  fill_hungry();
}

void Dispatcher::take(AttemptStarted const& event) {
  auto* const node = roster_.find(event.node);
  if (node == nullptr || !ledger_.holds(event.node, event.name)) return;
  if (node->started(event.name, now_) && node->awaited) round_trip_.count(now_ - *std::exchange(node->awaited, {}));
}

void Dispatcher::take(SolutionArrived const& event) {
  if (!ledger_.settle(event.node, event.name)) {
    step_.facts.push_back(NewsDropped{event.node, event.name});
    return;
  }
  step_.facts.push_back(SolutionAccepted{event.node, event.name});
  auto& node = *roster_.find(event.node);
  roster_.measure(node, event.runtime, cost_of(event.name.job).value_or(average_cost));
  end_attempt(node, event.name, event.runtime);
  if (auto const rival = ledger_.take_rival(event.name.job)) cancel(*rival);
  fill(node);
}

void Dispatcher::take(FailureArrived const& event) {
  auto const troubles = ledger_.fail(event.node, event.name);
  if (!troubles) {
    step_.facts.push_back(NewsDropped{event.node, event.name});
    return;
  }
  auto& node = *roster_.find(event.node);
  end_attempt(node, event.name, Duration{0});
  if (troubles->failures > rules_.retries) {
    give_up(event.node, event.name, *troubles);
  } else {
    if (troubles->rival == Ledger::Troubles::Rival::none) ledger_.retry(event.name, event.node);
    step_.facts.push_back(RetryPlanned{event.node, event.name});
  }
  note_hunger(node);
  fill_hungry();
}

void Dispatcher::take(JobsReleased const& event) {
  auto const released = ledger_.release(event.node, event.runs);
  if (auto* const node = roster_.find(event.node)) {
    node->recalling = false;
    node->relieved(jobs_in(released));
    roster_.count_held(*node, -cost_of(released));
    node->quota += jobs_in(released);
    note_hunger(*node);
  }
  fill_hungry();
}

void Dispatcher::take(MessageCostMeasured const& event) { message_cost_ = event.cost; }

void Dispatcher::end_attempt(Node& node, JobAttempt name, Duration runtime) {
  auto const done = node.ended(name, runtime, now_);
  roster_.count_held(node, -cost_of(name.job).value_or(0));
  auto const shard = shard_of(name.job, rules_.shards);
  if (runtime > Duration{0}) policies_[shard]->learn(JobEnded{view(node, shard), runtime});
  if (done)
    for (auto const owned : node.shards) policies_[owned]->learn(*done);
}

void Dispatcher::cancel(Holder const& rival) {
  step_.actions.push_back(CancelJob{rival.node, rival.name});
  auto* const node = roster_.find(rival.node);
  if (node == nullptr) return;
  static_cast<void>(node->ended(rival.name, Duration{0}, now_));
  roster_.count_held(*node, -cost_of(rival.name.job).value_or(0));
  fill(*node);
}

void Dispatcher::open() {
  if (open_ || ledger_.total() == 0 || (needs_total() && !ledger_.dataset_ended())) return;
  open_ = true;
  if (is_ordered()) ledger_.pool().arrange(costs_);
  for (std::uint32_t shard = 0; shard < rules_.shards; ++shard) {
    std::uint32_t place = 0;  // among those who are here now: lanes must cover the shard without a hole
    for (auto const& [id, node] : roster_)
      if (node.owns(shard))
        if (auto const lane = policies_[shard]->lane(place++, pool_view(shard))) ledger_.pool(shard).reserve(id, *lane);
  }
}

void Dispatcher::fill_hungry() {
  open();
  if (!open_ || !has_work() || assignment_ != Assignment::open) return;
  // One chunk per node and pass, to the least laden first: the first nodes must not take what is meant for all.
  std::set<NodeId> fed;
  for (bool given = true; given;) {
    given = false;
    for (auto hungry = hungry_.begin(); hungry != hungry_.end() && has_work(); ++hungry) {
      if (!give_chunk(*roster_.find(hungry->second))) continue;
      given = true;
      fed.insert(hungry->second);
    }
  }
  for (auto const node : fed) note_hunger(*roster_.find(node));
  dismiss_done();
}

void Dispatcher::note_hunger(Node& node) {
  forget_hunger(node);
  if (!has_room(node)) return;
  node.hunger = static_cast<double>(node.held) / (roster_.weight(node) * node.solvers);
  hungry_.emplace(*node.hunger, node.id);
}

void Dispatcher::forget_hunger(Node& node) {
  if (node.hunger) hungry_.erase({*std::exchange(node.hunger, {}), node.id});
}

void Dispatcher::fill(Node& node) {
  while (give_chunk(node)) {
  }
  note_hunger(node);
  dismiss_done();
}

bool Dispatcher::has_room(Node const& node) const { return node.held < node.solvers + depth(node) && node.quota > 0; }

bool Dispatcher::give_chunk(Node& node) {
  if (!has_room(node) || assignment_ != Assignment::open || is_early()) return false;
  auto [runs, reason] = next_chunk(node);
  if (runs.empty()) return false;
  auto const jobs = jobs_in(runs);
  node.quota -= jobs;
  node.assigned(jobs, now_);
  if (rules_.delay) next_start_ = now_ + *rules_.delay;
  roster_.count_held(node, cost_of(runs));
  step_.actions.push_back(AssignJobs{node.id, std::move(runs), reason});
  return true;
}

Ledger::Reassigned Dispatcher::next_chunk(Node const& node) {
  if (most_cost(node) < average_cost && costs_.empty()) return {};
  if (auto again = next_waiting(node); !again.runs.empty()) return again;
  for (auto const shard : shards_by_need(node))
    if (auto next = next_chunk(node, shard); !next.runs.empty()) return next;
  return {};
}

Ledger::Reassigned Dispatcher::next_chunk(Node const& node, std::uint32_t shard) {
  for (;;) {
    deal_to(node.id, shard);
    auto const pool = pool_view(shard);
    auto const asking = view(node, shard);
    if (asking.reserved + pool.unassigned == 0) return {};
    if (is_ordered() && ledger_.pool().least_cost() > most_cost(node)) return {};
    auto runs = from_pool(node, shard, std::min(policies_[shard]->chunk(asking, pool), rules_.delay ? 1 : node.quota));
    if (!runs.empty()) return {std::move(runs), NextChunk{pool.unassigned, node.held, node.solvers + depth(node)}};
  }
}

JobRuns Dispatcher::from_pool(Node const& node, std::uint32_t shard, std::uint64_t chunk) {
  auto runs = ledger_.assign(node.id, shard, chunk, limits(node, chunk));
  auto const fits = in_time(node);
  return fits ? ledger_.put_aside(node.id, runs, fits) : runs;
}

// Jobs are dealt to their owners in order, up to the next one of this node.
void Dispatcher::deal_to(NodeId node, std::uint32_t shard) {
  auto& pool = ledger_.pool(shard);
  while (pool.reserved(node) == 0 && pool.common() > 0) {
    auto const owner = policies_[shard]->owner();
    if (!owner) return;
    pool.deal(*owner);
  }
}

std::optional<double> Dispatcher::cost_of(JobId job) const {
  if (job.value() >= costs_.size()) return {};
  return costs_[job.value()];
}

CostLimits Dispatcher::limits(Node const& node, std::uint64_t chunk) const {
  bool const moves = traits_.revision == PolicyTraits::Revision::moves_and_copies;
  if (!is_ordered() || !moves || roster_.count() == 1) return {.each = most_cost(node)};
  auto const& pool = ledger_.pool();
  // A chunk is meant to be of average jobs; the first ones are the longest.
  CostLimits limits{.each = most_cost(node),
                    .together = pool.cost_left() / static_cast<double>(pool.untaken()) * static_cast<double>(chunk)};
  // A long job holds up the whole run if it is late on a slow node, or on one that may be slow, or waits for another.
  auto const slowness = roster_.slowness(node);
  auto const wait = node.held < node.solvers ? 0.0 : node.cost_held / node.solvers;
  if (!slowness)
    limits.each = std::min(limits.each, average_cost);
  else if (*slowness > nearly_as_fast || (wait > 0 && roster_.load(node) > nearly_as_fast))
    limits.each = std::min(limits.each, pool.cost_left() / roster_.solvers() / *slowness - wait);
  return limits;
}

double Dispatcher::cost_of(JobRuns const& runs) const {
  double sum = 0;
  if (!costs_.empty())
    for (auto const& run : runs)
      for (std::uint64_t k = 0; k < run.count; ++k) sum += cost_of(JobId{run.first.value() + k}).value_or(0);
  return sum;
}

std::uint64_t Dispatcher::depth(Node const& node) const {
  if (rules_.delay) return 0;
  if (rules_.prefetch) return *rules_.prefetch;
  if (!node.mean_runtime) return node.solvers;
  auto const jobs = (work_ahead + 2 * round_trip_.shortest()) / std::max(*node.mean_runtime, Duration{1}) + 1;
  // The first few jobs do not stand for all.
  auto const known = std::min(node.solved / node.solvers + 1, most_ahead_per_solver);
  return node.solvers * std::min(static_cast<std::uint64_t>(jobs), known);
}

Duration Dispatcher::lead(NodeId id) const {
  auto const* const node = roster_.find(id);
  if (node == nullptr || !node->mean_runtime) return {};
  // Where times are spread, most jobs are shorter than the mean, and it is they that end first.
  auto const times = roster_.times();
  auto const variation = times.mean > 0 ? times.deviation / times.mean : 0;
  auto const mean = std::chrono::duration<double, std::nano>{*node->mean_runtime} / (1 + variation * variation);
  return std::chrono::duration_cast<Duration>(mean * static_cast<double>(depth(*node)) / node->solvers);
}

void Dispatcher::dismiss_done() {
  if (rules_.max_jobs_per_node == UINT64_MAX) return;
  std::vector<NodeId> done;
  for (auto const& [id, node] : roster_)
    if (node.quota == 0 && node.held == 0) done.push_back(id);
  for (auto const id : done) {
    leave(id);
    step_.actions.push_back(DismissNode{id});
  }
  if (!done.empty()) fill_hungry();
}

void Dispatcher::leave(NodeId node) {
  if (auto* const leaving = roster_.find(node)) {
    forget_hunger(*leaving);
    for (auto const shard : leaving->shards) {
      owners_[shard].nodes -= 1;
      owners_[shard].solvers -= leaving->solvers;
      policies_[shard]->learn(NodeGone{node});
    }
  }
  roster_.leave(node);
  ledger_.lose(node);
}

PoolView Dispatcher::pool_view(std::uint32_t shard) const {
  auto const& pool = ledger_.pool(shard);
  auto const& owners = owners_[shard];
  return {pool.total(), pool.common(), owners.nodes, owners.solvers, roster_.times(), message_cost_};
}

NodeView Dispatcher::view(Node const& node, std::uint32_t shard) const {
  auto const reserved = ledger_.pool(shard).reserved(node.id);
  return {node.id, node.solvers, reserved, ledger_.held(node.id), roster_.weight(node), node.mean_runtime};
}

}  // namespace ballast
