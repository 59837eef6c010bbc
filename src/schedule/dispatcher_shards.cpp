// A shard's jobs go to its owners only: those nodes that have what the jobs need.
#include <algorithm>

#include "schedule/dispatcher.hpp"

namespace ballast {

std::vector<std::uint32_t> Dispatcher::shards_by_need(Node const& node) const {
  auto shards = node.shards;
  if (shards.size() == 1) return shards;
  auto const need = [&](std::uint32_t shard) {
    auto const& pool = ledger_.pool(shard);
    return static_cast<double>(pool.common() + pool.reserved(node.id)) / owners_[shard].nodes;
  };
  std::stable_sort(shards.begin(), shards.end(), [&](auto a, auto b) { return need(a) > need(b); });
  return shards;
}

bool Dispatcher::is_only_owner(Node const& node, JobId job) const {
  return owns(node, job) && owners_[shard_of(job, rules_.shards)].nodes == 1;
}

bool Dispatcher::has_orphans() const {
  return std::any_of(owners_.begin(), owners_.end(), [](Owners const& owners) { return owners.nodes == 0; });
}

Ledger::Reassigned Dispatcher::next_waiting(Node const& node) {
  using Fallback = Ledger::Fallback;
  // They go where they can start at once, before anybody lays them up.
  auto const room = node.held < node.solvers ? node.solvers - node.held : node.solvers + depth(node) - node.held;
  auto const most = std::min(room, rules_.delay ? 1 : node.quota);
  auto const timely = in_time(node);
  if (rules_.shards == 1)
    return ledger_.reassign(node.id, most,
                            roster_.count() == 1 ? Fallback::take_it_again : Fallback::wait_for_another_node, timely);
  auto const fits = [&](JobId job) { return owns(node, job) && (!timely || timely(job)); };
  if (auto again = ledger_.reassign(node.id, most, Fallback::wait_for_another_node, fits); !again.runs.empty())
    return again;
  return ledger_.reassign(node.id, most, Fallback::take_it_again,
                          [&](JobId job) { return is_only_owner(node, job) && fits(job); });
}

std::vector<LadenNode> Dispatcher::laden_nodes(std::vector<IdleNode> const& idle) const {
  std::vector<LadenNode> laden;
  for (auto const& [id, node] : roster_) {
    auto const at_work = std::max<std::uint64_t>(node.running.size(), node.solvers);
    if (node.held <= at_work || node.recalling) continue;
    auto const could_take_all = [&, &from = node](IdleNode const& to) {
      auto const& owned = roster_.find(to.id)->shards;
      return std::includes(owned.begin(), owned.end(), from.shards.begin(), from.shards.end());
    };
    if (!std::all_of(idle.begin(), idle.end(), could_take_all)) continue;
    laden.push_back({id, node.solvers, node.held - at_work, *roster_.expected_runtime(node), wait_on(node)});
  }
  return laden;
}

std::vector<Straggler> Dispatcher::stragglers(std::vector<IdleNode> const& idle) const {
  std::vector<Straggler> late;
  for (auto const& [id, node] : roster_)
    for (auto const& [name, since] : node.running) {
      auto const could_take = [&, job = name.job](IdleNode const& to) { return owns(*roster_.find(to.id), job); };
      if (!ledger_.may_copy(name.job) || !std::all_of(idle.begin(), idle.end(), could_take)) continue;
      late.push_back({{id, name},
                      now_ - since,
                      *roster_.expected_runtime(node, cost_of(name.job).value_or(1)),
                      cost_of(name.job)});
    }
  return late;
}

}  // namespace ballast
