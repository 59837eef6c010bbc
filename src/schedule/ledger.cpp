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
  return found != holdings_.end() && found->second.contains(name);
}

std::size_t Ledger::runs_in_flight() const {
  std::size_t sum = 0;
  for (auto const& [node, held] : holdings_) sum += held.runs();
  return sum;
}

JobRuns Ledger::assign(NodeId node, std::uint64_t count) {
  auto runs = pool_.take(node, count);
  for (auto const& run : runs) holdings_[node].add(run);
  return runs;
}

JobRuns Ledger::reassign(NodeId node, std::uint64_t count, Fallback fallback) {
  BALLAST_EXPECT(count > 0);
  auto const mine = std::find_if(retries_.begin(), retries_.end(), [&](Retry const& retry) {
    return retry.failed_on != node || fallback == Fallback::take_it_again;
  });
  if (mine == retries_.end()) return {};
  auto run = mine->run;
  run.count = std::min(run.count, count);
  mine->run.first = JobId{mine->run.first.value() + run.count};
  mine->run.count -= run.count;
  if (mine->run.count == 0) retries_.erase(mine);
  holdings_[node].add(run);
  return {run};
}

bool Ledger::settle(NodeId node, JobAttempt name) {
  auto const held = holdings_.find(node);
  if (held == holdings_.end() || !held->second.remove(name)) return false;
  failures_.erase(name.job);
  ++resolved_;
  return true;
}

std::optional<std::uint32_t> Ledger::fail(NodeId node, JobAttempt name) {
  auto const held = holdings_.find(node);
  if (held == holdings_.end() || !held->second.remove(name)) return {};
  return ++failures_[name.job];
}

void Ledger::give_up(JobAttempt name) {
  failures_.erase(name.job);
  ++resolved_;
}

void Ledger::retry(JobAttempt name, NodeId failed_on) {
  retries_.push_back({{name.job, 1, name.attempt.next()}, failed_on});
}

void Ledger::lose(NodeId node) {
  pool_.release(node);
  auto held = holdings_.extract(node);
  if (held.empty()) return;
  for (auto run : held.mapped().remove_all()) {
    run.attempt = run.attempt.next();
    retries_.push_back({run, {}});
  }
}

}  // namespace ballast
