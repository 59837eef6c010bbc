// A solver that has ended takes the next job at once; its node tells both in one report.
#include "sim/fleet.hpp"

#include <algorithm>
#include <cmath>

#include "sim/chance.hpp"

namespace ballast {

Fleet::Fleet(Workload const& workload, SimulationSetting const& setting, Agenda& agenda, Mail& mail)
    : workload_{workload}, setting_{setting}, agenda_{agenda}, mail_{mail}, nodes_(workload.speeds.nodes()) {
  for (auto& node : nodes_) node.solvers.resize(workload.solvers);
}

void Fleet::obey(NodeId id, Action const& order, Time now) {
  if (node(id).dead) return;
  std::visit([&](auto const& what) { obey(id, what, now); }, order);
}

void Fleet::obey(NodeId id, AssignJobs const& order, Time now) {
  auto& holder = node(id);
  holder.queue.push(order.runs);
  most_held_ = std::max(most_held_, holder.queue.count() + holder.computing);
  NodeReport report{id};
  start_attempts(id, now, report);
  if (report.has_news()) mail_.send_report(std::move(report), now);
}

void Fleet::obey(NodeId id, RecallJobs const& order, Time now) {
  mail_.send_report({.node = id, .released = node(id).queue.release(order.count)}, now);
}

void Fleet::obey(NodeId id, CancelJob const& order, Time now) {
  auto& holder = node(id);
  auto const solver = std::find_if(holder.solvers.begin(), holder.solvers.end(),
                                   [&](Solver const& each) { return each.computing && each.name == order.name; });
  if (solver == holder.solvers.end()) {
    static_cast<void>(holder.queue.drop(order.name));
    return;
  }
  free(id, static_cast<std::uint32_t>(solver - holder.solvers.begin()), now, AttemptSpan::End::cancelled);
  NodeReport report{id};
  start_attempts(id, now, report);
  if (report.has_news()) mail_.send_report(std::move(report), now);
}

void Fleet::end_attempt(Happening const& happening) {
  auto& holder = node(happening.node);
  auto& solver = holder.solvers[happening.slot];
  if (!solver.computing || solver.turn != happening.turn) return;
  auto const name = solver.name;
  auto const solved = !fails(name);
  NodeReport report{happening.node, NodeReport::Ended{name, happening.at - solver.begin, solved}};
  free(happening.node, happening.slot, happening.at, solved ? AttemptSpan::End::solved : AttemptSpan::End::failed);
  start_attempts(happening.node, happening.at, report);
  mail_.send_report(std::move(report), happening.at);
}

void Fleet::kill(NodeId id, Time now) {
  auto& victim = node(id);
  if (victim.dead) return;
  victim.dead = true;
  victim.died = now;
  for (std::uint32_t solver = 0; solver < victim.solvers.size(); ++solver)
    if (victim.solvers[solver].computing) free(id, solver, now, AttemptSpan::End::lost);
}

void Fleet::stop(Time now) {
  for (std::uint32_t place = 0; place < nodes_.size(); ++place) {
    auto const& solvers = nodes_[place].solvers;
    for (std::uint32_t solver = 0; solver < solvers.size(); ++solver)
      if (solvers[solver].computing)
        free(NodeId{place + 1}, solver, std::min(now, solvers[solver].end), AttemptSpan::End::cancelled);
  }
}

double Fleet::idle_share(Time end) const {
  double there = 0;
  for (auto const& each : nodes_)
    there += static_cast<double>((each.dead ? std::min(each.died, end) : end).time_since_epoch().count());
  there *= workload_.solvers;
  return there > 0 ? std::max(0.0, 1 - static_cast<double>(computed_.count()) / there) : 0;
}

void Fleet::start_attempts(NodeId id, Time now, NodeReport& report) {
  auto& holder = node(id);
  for (std::uint32_t solver = 0; holder.computing < holder.solvers.size() && holder.queue.count() > 0; ++solver) {
    if (holder.solvers[solver].computing) continue;
    auto const name = *holder.queue.pop();
    start(id, solver, name, now);
    report.started.push_back(name);
  }
}

void Fleet::start(NodeId id, std::uint32_t place, JobAttempt name, Time now) {
  auto& solver = node(id).solvers[place];
  auto const cost = static_cast<double>(workload_.costs[name.job.value()].count());
  Duration const runtime{std::llround(cost / workload_.speeds.at(id.value() - 1, now))};
  solver = {name, now, now + runtime, solver.turn + 1, true};
  ++node(id).computing;
  agenda_.add(
      {.at = solver.end, .kind = Happening::Kind::attempt_ends, .node = id, .slot = place, .turn = solver.turn});
}

void Fleet::free(NodeId id, std::uint32_t place, Time now, AttemptSpan::End how) {
  auto& solver = node(id).solvers[place];
  solver.computing = false;
  --node(id).computing;
  computed_ += now - solver.begin;
  if (setting_.timeline)
    setting_.timeline({id, SolverId{place}, solver.name, solver.begin.time_since_epoch(), now.time_since_epoch(), how});
}

bool Fleet::fails(JobAttempt name) const {
  constexpr std::uint64_t first_use = 16;  // below are those of the costs
  return setting_.faults.failing > 0 &&
         chance(setting_.seed, first_use + name.attempt.value(), name.job.value()) < setting_.faults.failing;
}

}  // namespace ballast
