// A job leaves one place and enters another in the same call; none is ever in two.
#include "schedule/ledger.hpp"

#include <algorithm>

#include "ballast/core/contract.hpp"

namespace ballast {
namespace {

void append(JobRuns& runs, JobAttempt name) {
  if (!runs.empty() && runs.back().attempt == name.attempt &&
      runs.back().first.value() + runs.back().count == name.job.value())
    ++runs.back().count;
  else
    runs.push_back({name.job, 1, name.attempt});
}

/// The first jobs of the run that fit, as far as they are neighbours; none of them if its count is zero.
JobRun fitting_part(JobRun run, Ledger::Fits const& fits) {
  if (!fits) return run;
  for (; run.count > 0 && !fits(run.first); --run.count) run.first = run.first.next();
  for (std::uint64_t i = 1; i < run.count; ++i)
    if (!fits(JobId{run.first.value() + i})) run.count = i;
  return run;
}

}  // namespace

Ledger::Ledger(std::uint32_t shards) {
  for (std::uint32_t shard = 0; shard < shards; ++shard) pools_.emplace_back(Shard{shard, shards});
}

std::uint64_t Ledger::total() const {
  std::uint64_t sum = 0;
  for (auto const& pool : pools_) sum += pool.total();
  return sum;
}

std::uint64_t Ledger::untaken() const {
  std::uint64_t sum = 0;
  for (auto const& pool : pools_) sum += pool.untaken();
  return sum;
}

std::uint64_t Ledger::held(NodeId node) const {
  auto const found = holdings_.find(node);
  return found == holdings_.end() ? 0 : found->second.count();
}

bool Ledger::holds(NodeId node, JobAttempt name) const {
  auto const found = holdings_.find(node);
  return found != holdings_.end() && found->second.holds(name);
}

std::size_t Ledger::runs_in_flight() const {
  std::size_t sum = 0;
  for (auto const& [node, held] : holdings_) sum += held.runs();
  return sum;
}

bool Ledger::remove(NodeId node, JobAttempt name) {
  auto const held = holdings_.find(node);
  return held != holdings_.end() && held->second.remove(name);
}

JobRuns Ledger::assign(NodeId node, std::uint32_t shard, std::uint64_t count, CostLimits const& limits) {
  auto runs = pools_[shard].take(node, count, limits);
  auto& holdings = holdings_[node];
  for (auto const& run : runs) holdings.add(run);
  return runs;
}

JobRuns Ledger::put_aside(NodeId node, JobRuns const& runs, Fits const& fits) {
  JobRuns kept, aside;
  for (auto const& run : runs)
    for (std::uint64_t i = 0; i < run.count; ++i) {
      JobAttempt const name{JobId{run.first.value() + i}, run.attempt};
      append(fits(name.job) ? kept : aside, name);
    }
  for (auto const& run : aside) {
    for (std::uint64_t i = 0; i < run.count; ++i)
      BALLAST_ENSURE(remove(node, {JobId{run.first.value() + i}, run.attempt}));
    wait(run, PutAside{});
  }
  return kept;
}

Ledger::Reassigned Ledger::reassign(NodeId node, std::uint64_t count, Fallback fallback, Fits const& fits) {
  BALLAST_EXPECT(count > 0);
  for (auto waiting = waiting_.begin(); waiting != waiting_.end(); ++waiting) {
    if (waiting->failed_on == node && fallback == Fallback::wait_for_another_node) continue;
    auto run = fitting_part(waiting->run, fits);
    if (run.count == 0) continue;
    run.count = std::min(run.count, count);
    auto const reason = waiting->reason;
    cut_out(waiting, run);
    holdings_[node].add(run);
    return {{run}, reason};
  }
  return {};
}

void Ledger::cut_out(std::deque<Waiting>::iterator const& from, JobRun const& run) {
  auto behind = *from;
  auto const before = run.first.value() - from->run.first.value();
  behind.run.first = JobId{run.first.value() + run.count};
  behind.run.count -= before + run.count;
  if (before == 0 && behind.run.count == 0) {
    waiting_.erase(from);
  } else if (before == 0) {
    *from = behind;
  } else {
    from->run.count = before;
    if (behind.run.count > 0) waiting_.insert(std::next(from), behind);
  }
}

JobAttempt Ledger::copy(Holder const& holder, NodeId to) {
  BALLAST_EXPECT(holds(holder.node, holder.name) && may_copy(holder.name.job));
  JobAttempt const copy{holder.name.job, holder.name.attempt.next()};
  copies_[copy.job] = {{holder, {to, copy}}, copy.attempt};
  holdings_[to].add({copy.job, 1, copy.attempt});
  return copy;
}

bool Ledger::settle(NodeId node, JobAttempt name) {
  if (!remove(node, name)) return false;
  troubles_.erase(name.job);
  if (leave_to_rival(node, name) == Troubles::Rival::none) copies_.erase(name.job);
  ++resolved_;
  return true;
}

std::optional<Holder> Ledger::take_rival(JobId job) {
  auto const copies = copies_.extract(job);
  if (copies.empty()) return {};
  if (copies.mapped().at_work.empty()) return {};
  auto const rival = copies.mapped().at_work.front();
  BALLAST_ENSURE(holdings_[rival.node].remove(rival.name));
  return rival;
}

Ledger::Troubles::Rival Ledger::leave_to_rival(NodeId node, JobAttempt name) {
  auto const found = copies_.find(name.job);
  if (found == copies_.end()) return Troubles::Rival::none;
  auto& at_work = found->second.at_work;
  auto const self = [&](Holder const& holder) { return holder.node == node && holder.name == name; };
  at_work.erase(std::remove_if(at_work.begin(), at_work.end(), self), at_work.end());
  return at_work.empty() ? Troubles::Rival::none : Troubles::Rival::at_work;
}

std::optional<Ledger::Troubles> Ledger::fail(NodeId node, JobAttempt name) {
  if (!remove(node, name)) return {};
  auto& troubles = troubles_[name.job];
  ++troubles.failures;
  return Troubles{troubles.failures, troubles.losses, leave_to_rival(node, name)};
}

std::optional<Ledger::Troubles> Ledger::lose_running(NodeId node, JobAttempt name) {
  if (!remove(node, name)) return {};
  auto& troubles = troubles_[name.job];
  ++troubles.losses;
  return Troubles{troubles.failures, troubles.losses, leave_to_rival(node, name)};
}

void Ledger::give_up(JobAttempt name) {
  troubles_.erase(name.job);
  copies_.erase(name.job);
  ++resolved_;
}

void Ledger::retry(JobAttempt name, std::optional<NodeId> failed_on) {
  wait({name.job, 1, next_attempt(name)}, AnotherTry{}, failed_on);
}

Attempt Ledger::next_attempt(JobAttempt name) {
  auto const copies = copies_.extract(name.job);
  return std::max(name.attempt, copies.empty() ? Attempt{} : copies.mapped().last).next();
}

void Ledger::wait(JobRun run, Reason reason, std::optional<NodeId> failed_on) {
  waiting_.push_back({run, failed_on, reason});
}

JobRuns Ledger::release(NodeId node, JobRuns const& runs) {
  JobRuns released;
  for (auto const& run : runs)
    for (std::uint64_t i = 0; i < run.count; ++i) {
      JobAttempt const name{JobId{run.first.value() + i}, run.attempt};
      if (!remove(node, name)) continue;
      append(released, name);
      if (leave_to_rival(node, name) == Troubles::Rival::none) wait({name.job, 1, name.attempt}, Moved{});
    }
  return released;
}

void Ledger::lose(NodeId node) {
  for (auto& pool : pools_) pool.release(node);
  auto held = holdings_.extract(node);
  if (held.empty()) return;
  std::deque<Holder> copied;
  for (auto const& [job, copies] : copies_)
    for (auto const& holder : copies.at_work)
      if (holder.node == node) copied.push_back(holder);
  std::sort(copied.begin(), copied.end(), [](auto const& a, auto const& b) { return a.name < b.name; });
  for (auto const& [_, name] : copied) {
    BALLAST_ENSURE(held.mapped().remove(name));
    if (leave_to_rival(node, name) == Troubles::Rival::none) retry(name, {});
  }
  for (auto run : held.mapped().remove_all()) {
    run.attempt = run.attempt.next();
    wait(run, AnotherTry{});
  }
}

}  // namespace ballast
