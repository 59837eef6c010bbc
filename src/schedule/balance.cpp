// List scheduling on expectations: what ends last is moved to where it ends first.
#include "schedule/balance.hpp"

#include <algorithm>
#include <map>
#include <queue>

namespace ballast {
namespace {

/// Something and a time by which it is chosen; equal times by the order in which they were given.
struct Due {
  Duration time;
  std::size_t index;
};
struct LastFirst {
  bool operator()(Due const& a, Due const& b) const { return a.time != b.time ? a.time < b.time : a.index > b.index; }
};
struct SoonestFirst {
  bool operator()(Due const& a, Due const& b) const { return a.time != b.time ? a.time > b.time : a.index > b.index; }
};

/// When the last of the unstarted jobs ends: after as many others, and its own time.
Duration end_of(LadenNode const& node, std::uint64_t unstarted) {
  return node.wait + node.job * static_cast<Duration::rep>(unstarted - 1) / node.solvers + node.job;
}

/// When one more job ends on an idle node that has been given some already.
Duration end_of_next(IdleNode const& node, std::uint64_t given) {
  auto const ahead = given < node.free ? 0 : given - node.free + 1;
  return node.job + node.job * static_cast<Duration::rep>(ahead) / node.solvers;
}

Duration rest_of(Straggler const& straggler) { return expected_rest(straggler.elapsed, straggler.job); }

/// How long the straggler's job may take on another node. Where costs are known it is the straggler's node that is to
/// blame for the delay, else it may be the job.
double time_on(IdleNode const& node, Straggler const& straggler) {
  auto const average = static_cast<double>(node.job.count());
  if (straggler.cost) return average * *straggler.cost;
  auto const total = static_cast<double>((straggler.elapsed + rest_of(straggler)).count());
  return average * total / static_cast<double>(straggler.job.count());
}

bool wins(Straggler const& straggler, IdleNode const& node, Duration delay, Duration hung) {
  if (straggler.elapsed > hung) return true;
  return time_on(node, straggler) + static_cast<double>(delay.count()) <
         static_cast<double>(rest_of(straggler).count());
}

}  // namespace

Duration expected_rest(Duration elapsed, Duration job) { return elapsed < job ? job - elapsed : elapsed; }

std::vector<PlannedRecall> plan_recalls(std::vector<LadenNode> const& laden, std::vector<IdleNode> const& idle,
                                        Duration delay) {
  std::priority_queue<Due, std::vector<Due>, LastFirst> givers;
  std::priority_queue<Due, std::vector<Due>, SoonestFirst> takers;
  for (std::size_t i = 0; i < laden.size(); ++i) givers.push({end_of(laden[i], laden[i].unstarted), i});
  for (std::size_t i = 0; i < idle.size(); ++i) takers.push({end_of_next(idle[i], 0), i});
  std::vector<std::uint64_t> taken(laden.size()), given(idle.size());
  while (!givers.empty() && !takers.empty()) {
    auto const giver = givers.top();
    auto const taker = takers.top();
    if (taker.time + delay >= giver.time) break;
    givers.pop();
    takers.pop();
    auto const left = laden[giver.index].unstarted - ++taken[giver.index];
    if (left > 0) givers.push({end_of(laden[giver.index], left), giver.index});
    takers.push({end_of_next(idle[taker.index], ++given[taker.index]), taker.index});
  }
  std::vector<PlannedRecall> recalls;
  for (std::size_t i = 0; i < laden.size(); ++i)
    if (taken[i] > 0) recalls.push_back({laden[i].id, taken[i]});
  return recalls;
}

std::vector<PlannedCopy> plan_copies(std::vector<Straggler> const& stragglers, std::vector<IdleNode> const& idle,
                                     Duration delay, Duration hung) {
  auto latest_first = stragglers;
  std::stable_sort(latest_first.begin(), latest_first.end(),
                   [](auto const& a, auto const& b) { return rest_of(a) > rest_of(b); });
  auto fastest_first = idle;
  std::stable_sort(fastest_first.begin(), fastest_first.end(),
                   [](auto const& a, auto const& b) { return a.job < b.job; });
  std::vector<PlannedCopy> copies;
  auto node = fastest_first.begin();
  for (auto const& straggler : latest_first) {
    if (node == fastest_first.end()) break;
    if (straggler.holder.node == node->id || !wins(straggler, *node, delay, hung)) continue;
    copies.push_back({straggler.holder, node->id});
    if (--node->free == 0) ++node;
  }
  return copies;
}

}  // namespace ballast
