// Receive, decide, send: each takes its time, one after the other.
#include "sim/main_server.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <utility>

#include "ballast/core/contract.hpp"
#include "ballast/core/error.hpp"

namespace ballast {
namespace {

std::uint64_t jobs_in(Action const& action) {
  if (auto const* const assign = std::get_if<AssignJobs>(&action)) return jobs_in(assign->runs);
  return std::holds_alternative<CancelJob>(action) ? 1 : 0;
}

std::uint64_t jobs_in(NodeReport const& report) {
  return (report.ended ? 1 : 0) + report.started.size() + (report.released ? jobs_in(*report.released) : 0);
}

std::vector<double> in_seconds(JobCosts const& costs) {
  std::vector<double> seconds(costs.size());
  std::transform(costs.begin(), costs.end(), seconds.begin(),
                 [](Duration cost) { return std::chrono::duration<double>{cost}.count(); });
  return seconds;
}

}  // namespace

MainServer::MainServer(Workload const& workload, SimulationSetting const& setting, Mail& mail)
    : workload_{workload},
      setting_{setting},
      mail_{mail},
      dispatcher_{setting.policy, setting.rules},
      resolved_(workload.costs.size(), 0) {}

void MainServer::begin() {
  tell(MessageCostMeasured{setting_.messages.message_cost});
  for (std::uint32_t place = 0; place < workload_.speeds.nodes(); ++place) {
    NodeJoined joined{NodeId{place + 1}, workload_.solvers};
    if (setting_.weights == SimulationSetting::Weights::given) joined.weight = workload_.speeds.mean(place);
    tell(joined);
  }
  if (setting_.hints == SimulationSetting::Hints::on) tell(CostsExpected{in_seconds(workload_.costs)});
  tell(JobsFound{workload_.costs.size()});
  tell(DatasetEnded{});
}

void MainServer::receive(NodeReport const& report, Time now) {
  free_at_ = std::max(free_at_, now);
  spend(jobs_in(report));
  if (report.ended) {
    auto const& [name, runtime, solved] = *report.ended;
    solved ? tell(SolutionArrived{report.node, name, runtime}) : tell(FailureArrived{report.node, name});
  }
  for (auto const& name : report.started) tell(AttemptStarted{report.node, name});
  if (report.released) tell(JobsReleased{report.node, *report.released});
}

void MainServer::miss(NodeId node, Time now) {
  if (dismissed_.contains(node)) return;
  free_at_ = std::max(free_at_, now);
  tell(NodeLost{node});
}

std::optional<Time> MainServer::alarm() const {
  auto const asked = dispatcher_.alarm();
  if (!asked || (last_wake_ && *asked <= *last_wake_)) return {};
  return std::max(*asked, free_at_);
}

void MainServer::wake(Time now) {
  free_at_ = now;
  last_wake_ = now;
  tell(TimePassed{});
}

void MainServer::tell(Event const& event) {
  if (finished()) return;
  auto step = dispatcher_.on(event, free_at_);
  for (auto const& fact : step.facts) note(fact);
  std::optional<NodeId> last;
  for (auto& action : step.actions) {
    auto const node = std::visit([](auto const& what) { return what.node; }, action);
    // What goes to one node at once shares a frame.
    send(std::move(action), node == std::exchange(last, node) ? Frame::shared : Frame::own);
  }
}

void MainServer::send(Action&& action, Frame frame) {
  frame == Frame::own ? spend(jobs_in(action)) : spend_on_jobs(jobs_in(action));
  if (auto const* const assign = std::get_if<AssignJobs>(&action)) {
    if (std::holds_alternative<SecondCopy>(assign->reason)) counts_.copies += jobs_in(action);
    if (std::holds_alternative<Moved>(assign->reason)) counts_.moved += jobs_in(action);
  }
  auto const node = std::visit([](auto const& what) { return what.node; }, action);
  if (std::holds_alternative<DismissNode>(action)) dismissed_.insert(node);
  mail_.send_order(node, std::move(action), free_at_);
}

void MainServer::spend(std::uint64_t jobs) {
  free_at_ += setting_.messages.message_cost;
  busy_ += setting_.messages.message_cost;
  ++counts_.messages;
  spend_on_jobs(jobs);
}

void MainServer::spend_on_jobs(std::uint64_t jobs) {
  auto const cost = setting_.messages.job_cost * static_cast<Duration::rep>(jobs);
  free_at_ += cost;
  busy_ += cost;
}

void MainServer::note(Fact const& fact) {
  if (auto const* const accepted = std::get_if<SolutionAccepted>(&fact)) {
    resolve(accepted->name.job);
    ++counts_.solved;
  } else if (auto const* const given_up = std::get_if<JobGivenUp>(&fact)) {
    resolve(given_up->name.job);
    ++counts_.given_up;
  } else if (std::holds_alternative<RetryPlanned>(fact)) {
    ++counts_.retries;
  } else if (auto const* const finished = std::get_if<RunFinished>(&fact)) {
    makespan_ = finished->makespan;
  } else if (auto const* const stranded = std::get_if<RunStranded>(&fact)) {
    throw EngineError{
        fmt::format("{} leaves {} of {} jobs undone", setting_.policy, stranded->unresolved, workload_.costs.size()),
        "no computing node is left", "lose fewer nodes"};
  }
}

void MainServer::resolve(JobId job) {
  BALLAST_ENSURE(job.value() < resolved_.size());
  BALLAST_ENSURE(resolved_[job.value()] == 0);
  resolved_[job.value()] = 1;
}

void MainServer::refuse_standstill() const {
  std::uint64_t held = 0;
  for (std::uint32_t place = 0; place < workload_.speeds.nodes(); ++place)
    held += dispatcher_.ledger().held(NodeId{place + 1});
  throw EngineError{
      fmt::format("the simulation of {} stands still", setting_.policy),
      fmt::format("{} of {} jobs are not resolved, the dispatcher takes {} of them for held by nodes, and nothing is "
                  "under way",
                  dispatcher_.ledger().unresolved(), workload_.costs.size(), held),
      "please report this as a bug of Ballast"};
}

SimulationOutcome MainServer::outcome() const {
  BALLAST_EXPECT(finished());
  BALLAST_ENSURE(counts_.solved + counts_.given_up == workload_.costs.size());
  auto outcome = counts_;
  outcome.makespan = *makespan_;
  if (makespan_->count() > 0)
    outcome.main_node = static_cast<double>(busy_.count()) / static_cast<double>(makespan_->count());
  return outcome;
}

}  // namespace ballast
