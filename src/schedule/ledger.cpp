// A job leaves one place and enters another in the same call; none is ever in two.
#include "schedule/ledger.hpp"

#include <algorithm>

#include "ballast/core/contract.hpp"

namespace ballast {

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

JobRuns Ledger::assign(NodeId node, std::uint64_t count, CostLimits const& limits) {
  auto runs = pool_.take(node, count, limits);
  auto& holdings = holdings_[node];
  for (auto const& run : runs) holdings.add(run);
  return runs;
}

Ledger::Reassigned Ledger::reassign(NodeId node, std::uint64_t count, Fallback fallback) {
  BALLAST_EXPECT(count > 0);
  auto const mine = std::find_if(waiting_.begin(), waiting_.end(), [&](Waiting const& waiting) {
    return waiting.failed_on != node || fallback == Fallback::take_it_again;
  });
  if (mine == waiting_.end()) return {};
  auto run = mine->run;
  auto const reason = mine->reason;
  run.count = std::min(run.count, count);
  mine->run.first = JobId{mine->run.first.value() + run.count};
  mine->run.count -= run.count;
  if (mine->run.count == 0) waiting_.erase(mine);
  holdings_[node].add(run);
  return {{run}, reason};
}

JobAttempt Ledger::copy(Holder const& holder, NodeId to) {
  BALLAST_EXPECT(holds(holder.node, holder.name) && may_copy(holder.name.job));
  JobAttempt const copy{holder.name.job, holder.name.attempt.next()};
  copies_[copy.job] = {{holder, {to, copy}}, copy.attempt};
  holdings_[to].add({copy.job, 1, copy.attempt});
  return copy;
}

bool Ledger::settle(NodeId node, JobAttempt name) {
  auto const held = holdings_.find(node);
  if (held == holdings_.end() || !held->second.remove(name)) return false;
  failures_.erase(name.job);
  if (!leave_to_rival(node, name)) copies_.erase(name.job);
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

bool Ledger::leave_to_rival(NodeId node, JobAttempt name) {
  auto const found = copies_.find(name.job);
  if (found == copies_.end()) return false;
  auto& at_work = found->second.at_work;
  auto const self = [&](Holder const& holder) { return holder.node == node && holder.name == name; };
  at_work.erase(std::remove_if(at_work.begin(), at_work.end(), self), at_work.end());
  return !at_work.empty();
}

std::optional<Ledger::Failures> Ledger::fail(NodeId node, JobAttempt name) {
  auto const held = holdings_.find(node);
  if (held == holdings_.end() || !held->second.remove(name)) return {};
  auto const count = ++failures_[name.job];
  return Failures{count, leave_to_rival(node, name) ? Failures::Rival::at_work : Failures::Rival::none};
}

void Ledger::give_up(JobAttempt name) {
  failures_.erase(name.job);
  copies_.erase(name.job);
  ++resolved_;
}

void Ledger::retry(JobAttempt name, NodeId failed_on) {
  wait({name.job, 1, next_attempt(name)}, AnotherTry{}, failed_on);
}

Attempt Ledger::next_attempt(JobAttempt name) {
  auto const copies = copies_.extract(name.job);
  return std::max(name.attempt, copies.empty() ? Attempt{} : copies.mapped().last).next();
}

void Ledger::wait(JobRun run, Reason reason, std::optional<NodeId> failed_on) {
  waiting_.push_back({run, failed_on, reason});
}

std::uint64_t Ledger::release(NodeId node, JobRuns const& runs) {
  std::uint64_t released = 0;
  auto& holdings = holdings_[node];
  for (auto const& run : runs)
    for (std::uint64_t i = 0; i < run.count; ++i) {
      JobAttempt const name{JobId{run.first.value() + i}, run.attempt};
      if (!holdings.remove(name)) continue;
      ++released;
      if (!leave_to_rival(node, name)) wait({name.job, 1, name.attempt}, Moved{});
    }
  return released;
}

void Ledger::lose(NodeId node) {
  pool_.release(node);
  auto held = holdings_.extract(node);
  if (held.empty()) return;
  std::deque<Holder> copied;
  for (auto const& [job, copies] : copies_)
    for (auto const& holder : copies.at_work)
      if (holder.node == node) copied.push_back(holder);
  std::sort(copied.begin(), copied.end(), [](auto const& a, auto const& b) { return a.name < b.name; });
  for (auto const& [_, name] : copied) {
    BALLAST_ENSURE(held.mapped().remove(name));
    if (!leave_to_rival(node, name)) wait({name.job, 1, next_attempt(name)}, AnotherTry{});
  }
  for (auto run : held.mapped().remove_all()) {
    run.attempt = run.attempt.next();
    wait(run, AnotherTry{});
  }
}

}  // namespace ballast
