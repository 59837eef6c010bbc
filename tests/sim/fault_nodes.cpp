// A node computes, and tells at once what it begins and ends; each message takes its time.
#include "sim/fault_nodes.hpp"

#include <algorithm>
#include <type_traits>
#include <utility>

#include "sim/chance.hpp"

namespace ballast::testing {
namespace {

using namespace std::chrono_literals;

enum Use : std::uint64_t { job_time, node_speed, latency };

}  // namespace

FaultNodes::FaultNodes(FaultAgenda& agenda, FaultSchedule const& schedule, std::uint32_t life, Start const& start,
                       FaultTruth& truth, std::function<void(Report const&)> send)
    : agenda_{agenda}, seed_{schedule.seed + life}, solvers_{start.solvers}, truth_{truth}, send_{std::move(send)} {
  for (auto const& mishap : schedule.mishaps) {
    if (auto const* const job = std::get_if<JobFails>(&mishap)) failing_[job->job] = job->times;
    if (auto const* const job = std::get_if<JobIsSlow>(&mishap)) slow_[job->job] = job->factor;
    if (auto const* const job = std::get_if<JobKills>(&mishap)) killing_.insert(job->job);
    if (auto const* const news = std::get_if<NewsRepeated>(&mishap); news != nullptr && news->life == life)
      repeated_[news->number] = news->later;
  }
  nodes_.resize(start.nodes);
  for (std::uint32_t i = 0; i < start.nodes; ++i) {
    nodes_[i].id = NodeId{i + 1};
    nodes_[i].solvers.resize(solvers_);
    give_signs(nodes_[i]);
  }
}

void FaultNodes::obey(NodeId node, std::uint32_t birth, Order const& order) {
  when_awake(node, birth, [this, order](Node& self) {
    std::visit(
        [&](auto const& what) {
          if constexpr (std::is_same_v<std::decay_t<decltype(what)>, Action>)
            std::visit([&](auto const& action) { perform(self, action); }, what);
          else
            perform(self, what);
        },
        order);
  });
}

void FaultNodes::perform(Node& node, AssignJobs const& order) {
  node.queue.push(order.runs);
  start_attempts(node);
}

void FaultNodes::perform(Node& node, RecallJobs const& order) {
  send(node, Event{JobsReleased{node.id, node.queue.release(order.count)}});
}

void FaultNodes::perform(Node& node, CancelJob const& order) {
  static_cast<void>(node.queue.drop(order.name));
  for (auto& solver : node.solvers)
    if (solver.busy && solver.name == order.name) solver.busy = false;
  start_attempts(node);
}

void FaultNodes::perform(Node& node, DismissNode const&) { die(node.id, {}); }

void FaultNodes::perform(Node& node, StartAfresh const&) {
  node.queue.clear();
  for (auto& solver : node.solvers) solver.busy = false;
  send(node, Hello{});
}

void FaultNodes::die(NodeId id, std::optional<Duration> back_after) {
  auto& node = at(id);
  if (!node.alive) return;
  node.alive = false;
  ++node.birth;
  node.queue.clear();
  for (auto& solver : node.solvers) solver.busy = false;
  node.hung_until = {};
  if (!back_after) return;
  agenda_.after(*back_after, [this, id] {
    auto& self = at(id);
    self.alive = true;
    send(self, Hello{});
    give_signs(self);
  });
}

void FaultNodes::hang(NodeId id, Duration lasting) {
  auto& node = at(id);
  node.hung_until = std::max(node.hung_until, agenda_.now() + lasting);
}

void FaultNodes::hang_all(Duration lasting) {
  for (auto const& node : nodes_) hang(node.id, lasting);
}

void FaultNodes::when_awake(NodeId id, std::uint32_t birth, std::function<void(Node&)> work) {
  auto& node = at(id);
  if (!node.alive || node.birth != birth) return;
  if (agenda_.now() >= node.hung_until) return work(node);
  agenda_.at(node.hung_until, [this, id, birth, work = std::move(work)] { when_awake(id, birth, work); });
}

void FaultNodes::later(Node const& node, Duration delay, std::function<void(Node&)> work) {
  agenda_.after(delay,
                [this, id = node.id, birth = node.birth, work = std::move(work)] { when_awake(id, birth, work); });
}

void FaultNodes::give_signs(Node& node) {
  later(node, lease / 4, [this](Node& self) {
    send(self, SignOfLife{});
    give_signs(self);
  });
}

void FaultNodes::start_attempts(Node& node) {
  for (std::size_t i = 0; i < node.solvers.size(); ++i)
    if (!node.solvers[i].busy)
      if (auto const name = node.queue.pop()) begin(node, i, *name);
}

void FaultNodes::begin(Node& node, std::size_t place, JobAttempt name) {
  auto& solver = node.solvers[place];
  solver = {name, ++node.turns, true};
  truth_.begun[node.id].insert(name.job);
  send(node, Event{AttemptStarted{node.id, name}});
  auto const time = runtime(node, name.job);
  if (killing_.contains(name.job))
    later(node, time / 2, [this](Node& self) { die(self.id, 30ms); });
  else
    later(node, time, [this, place, turn = solver.turn, time](Node& self) { end(self, place, turn, time); });
}

void FaultNodes::end(Node& node, std::size_t place, std::uint64_t turn, Duration time) {
  auto& solver = node.solvers[place];
  if (!solver.busy || solver.turn != turn) return;
  solver.busy = false;
  auto const job = solver.name.job;
  if (auto const failing = failing_.find(job); failing != failing_.end() && truth_.failures[job] < failing->second) {
    ++truth_.failures[job];
    send(node, Event{FailureArrived{node.id, solver.name}});
  } else {
    send(node, Event{SolutionArrived{node.id, solver.name, time}});
  }
  start_attempts(node);
}

void FaultNodes::send(Node& node, std::variant<Hello, SignOfLife, Event> what) {
  Report const report{node.id, node.birth, std::move(what)};
  auto const way = Duration{20'000 + static_cast<Duration::rep>(300'000 * chance(seed_, latency, ++sent_))};
  node.last_arrival = std::max(node.last_arrival + 1ns, agenda_.now() + way);
  agenda_.at(node.last_arrival, [this, report] { send_(report); });
  auto const again = repeated_.find(sent_);
  if (again == repeated_.end() || !std::holds_alternative<Event>(report.what)) return;
  agenda_.at(node.last_arrival + again->second, [this, report] { send_(report); });
}

Duration FaultNodes::runtime(Node const& node, JobId job) const {
  auto const slow = slow_.find(job);
  auto const factor = slow == slow_.end() ? 1.0 : static_cast<double>(slow->second);
  auto const speed = 0.5 + chance(seed_, node_speed, node.id.value());
  return Duration{static_cast<Duration::rep>(1e6 + 20e6 * chance(seed_, job_time, job.value()) * factor / speed)};
}

}  // namespace ballast::testing
