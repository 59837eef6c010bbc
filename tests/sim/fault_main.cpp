// Take what arrives, decide, make it durable, join: the Main Node's loop, one happening at a time.
#include "sim/fault_main.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "sim/chance.hpp"

namespace ballast::testing {
namespace {

using namespace std::chrono_literals;

constexpr Duration between_polls = 10ms;
constexpr Duration between_syncs = 20ms;
constexpr Duration order_time = 50us;

Rules rules_of(Start const& start) {
  return {.retries = start.retries,
          .prefetch = start.prefetch,
          .max_jobs_per_node = start.quota,
          .speculation = start.speculation ? Speculation::on : Speculation::off,
          .end = start.end};
}

JobId job_of(Record const& record) {
  if (auto const* const solution = std::get_if<SolutionKept>(&record)) return solution->name.job;
  return std::get<JobAbandoned>(record).last.job;
}

}  // namespace

FaultMain::FaultMain(FaultAgenda& agenda, FaultSchedule const& schedule, Start const& start, Storage& disk,
                     FaultTruth& truth, Send send)
    : agenda_{agenda},
      start_{start},
      jobs_{schedule.jobs},
      seed_{schedule.seed},
      disk_{disk},
      truth_{truth},
      send_{std::move(send)},
      dispatcher_{start.policy, rules_of(start)} {}

void FaultMain::begin() {
  read_journal_and_go_on();
  for (std::uint32_t i = 1; i <= start_.nodes; ++i) join_node(NodeId{i});
  if (start_.costs) {
    CostsExpected event;
    for (std::uint64_t job = 0; job < jobs_; ++job) event.costs.push_back(chance(seed_, 0, job));
    tell(event);
  }
  if (auto spans = history_.resolved(); !spans.empty()) tell(JobsResolved{std::move(spans)});
  find_jobs();
  agenda_.after(between_polls, [this] { poll(); });
}

void FaultMain::read_journal_and_go_on() {
  static_cast<void>(mend_journal(disk_));
  read_journal(disk_, [&](Record&& record) { history_.take(record); });
  journal_.emplace(disk_);
  std::string records;
  if (!history_.described()) records += encode_record(RunDescribed{"a run", "a version"});
  records += encode_record(RunStarted{});
  for (std::uint64_t i = 0; i < jobs_; ++i) {
    JobId const job{i};
    auto const state = history_.state(job);
    if (state == History::State::solved) {
      joined_[job] = 1;
      truth_.joined.insert(job);
    } else if (state == History::State::abandoned && start_.revive) {
      records += encode_record(JobRevived{job});
      history_.take(JobRevived{job});
      truth_.given_up.erase(job);
    } else if (state == History::State::abandoned) {
      given_up_.insert(job);
      truth_.given_up.insert(job);
    }
  }
  journal_->write(records);
  journal_->sync();
}

void FaultMain::find_jobs() {
  auto const first = start_.stream ? jobs_ / 2 : jobs_;
  tell(JobsFound{first});
  auto const end_dataset = [this] {
    tell(JobsFound{jobs_});
    tell(DatasetEnded{});
  };
  start_.stream ? agenda_.after(30ms, [=, this] { when_awake(end_dataset); }) : end_dataset();
}

void FaultMain::join_node(NodeId node) {
  auto& peer = peers_[node];
  peer.place = Peer::Place::on_roster;
  peer.heard = attentive();
  peer.stalls = stalls_;
  leases_.heard(node, agenda_.now());
  truth_.begun[node].clear();
  tell(NodeJoined{node, start_.solvers});
}

void FaultMain::lose_node(NodeId node) {
  peers_[node].place = Peer::Place::lost;
  leases_.forget(node);
  for (auto const job : truth_.begun[node]) ++truth_.losses[job];
  tell(NodeLost{node});
}

void FaultMain::hear(Report const& report) { receive(report); }

void FaultMain::ask(Event const& event) { receive(event); }

void FaultMain::receive(std::variant<Report, Event> what) {
  inbox_.push_back(std::move(what));
  if (inbox_.size() == 1) read_inbox();
}

void FaultMain::read_inbox() {
  if (agenda_.now() < stalled_until_) {
    agenda_.at(stalled_until_, [this] { read_inbox(); });
    return;
  }
  for (; !inbox_.empty(); inbox_.pop_front()) {
    auto const& first = inbox_.front();
    if (auto const* const event = std::get_if<Event>(&first))
      tell(*event);
    else
      take(std::get<Report>(first));
  }
}

void FaultMain::take(Report const& report) {
  auto& peer = peers_[report.node];
  if (peer.place == Peer::Place::dismissed) return;
  if (std::holds_alternative<Hello>(report.what)) {
    if (peer.place == Peer::Place::on_roster) lose_node(report.node);
    peer.birth = report.birth;
    return join_node(report.node);
  }
  if (peer.place == Peer::Place::on_roster) {
    leases_.heard(report.node, agenda_.now());
    peer.heard = attentive();
    peer.stalls = stalls_;
  } else if (peer.place == Peer::Place::lost) {
    peer.place = Peer::Place::asked_to_start_afresh;
    agenda_.after(order_time, [=, this, node = report.node, birth = peer.birth] { send_(node, birth, StartAfresh{}); });
  }
  if (auto const* const news = std::get_if<Event>(&report.what)) tell(*news);
}

void FaultMain::tell(Event const& event) {
  if (end_ != End::none) return;
  draining_ |= std::holds_alternative<DrainBegan>(event);
  auto const step = dispatcher_.on(event, agenda_.now());
  for (auto const& fact : step.facts) note(fact);
  for (auto const& action : step.actions) act(action);
  if (end_ == End::finished || end_ == End::drained) sync();
  mind_alarm();
}

void FaultMain::mind_alarm() {
  auto const alarm = dispatcher_.alarm();
  if (!alarm || *alarm == alarm_) return;
  alarm_ = *alarm;
  agenda_.at(*alarm, [this, due = *alarm] {
    when_awake([this, due] {
      if (dispatcher_.alarm() == due) tell(TimePassed{});
    });
  });
}

void FaultMain::when_awake(std::function<void()> work) {
  if (agenda_.now() >= stalled_until_) return work();
  agenda_.at(stalled_until_ + 1ns, [this, work = std::move(work)] { when_awake(work); });
}

void FaultMain::stall(Duration lasting) {
  auto const until = std::max(stalled_until_, agenda_.now() + lasting);
  stalled_ += until - std::max(stalled_until_, agenda_.now());
  stalled_until_ = until;
  ++stalls_;
}

Duration FaultMain::attentive() const {
  auto const rest = std::max(stalled_until_ - agenda_.now(), Duration{0});
  return agenda_.now().time_since_epoch() - (stalled_ - rest);
}

void FaultMain::poll() {
  when_awake([this] {
    for (auto const node : leases_.lapsed(agenda_.now())) {
      check_lapse(peers_[node]);
      lose_node(node);
    }
    agenda_.after(between_polls, [this] { poll(); });
  });
}

void FaultMain::check_lapse(Peer const& peer) const {
  if (peer.place != Peer::Place::on_roster) throw Broken{"a node's lease ends that has none"};
  auto const silence = attentive() - peer.heard + (stalls_ - peer.stalls) * 100ms;
  if (silence + between_polls < lease)
    throw Broken{
        fmt::format("a node is taken for lost after {} ms of silence while the Main Node was polling", silence / 1ms)};
}

void FaultMain::act(Action const& action) {
  if (draining_ && std::holds_alternative<AssignJobs>(action)) throw Broken{"jobs are assigned during a drain"};
  auto const node = std::visit([](auto const& what) { return what.node; }, action);
  auto& peer = peers_[node];
  if (std::holds_alternative<DismissNode>(action)) {
    peer.place = Peer::Place::dismissed;
    leases_.forget(node);
  } else if (peer.place != Peer::Place::on_roster) {
    throw Broken{fmt::format("node {} is told something, and is not there", node.value())};
  }
  agenda_.after(order_time, [this, node, birth = peer.birth, action] { send_(node, birth, action); });
}

void FaultMain::note(Fact const& fact) {
  if (auto const* const accepted = std::get_if<SolutionAccepted>(&fact)) {
    auto const job = accepted->name.job;
    write(SolutionKept{accepted->name, Digest{job.value()}, {}, solution_of(job)}, job);
  } else if (auto const* const given_up = std::get_if<JobGivenUp>(&fact)) {
    check_given_up(*given_up);
    write(JobAbandoned{given_up->name, {}, given_up->failures, {}, "it fails"}, given_up->name.job);
  } else if (std::holds_alternative<RunFinished>(fact)) {
    end_ = End::finished;
  } else if (std::holds_alternative<RunDrained>(fact)) {
    end_ = End::drained;
  } else if (std::holds_alternative<RunStranded>(fact)) {
    end_ = End::stranded;
  }
}

void FaultMain::check_given_up(JobGivenUp const& fact) const {
  auto const count = [&](auto const& counts) {
    auto const found = counts.find(fact.name.job);
    return found == counts.end() ? 0U : found->second;
  };
  if (fact.failures <= start_.retries && fact.losses < 3)
    throw Broken{fmt::format("job {} is given up after {} failures and {} losses", fact.name.job.value(), fact.failures,
                             fact.losses)};
  if (fact.failures > count(truth_.failures) || fact.losses > count(truth_.losses))
    throw Broken{fmt::format("job {} is charged with {} failures and {} losses, and has {} and {}",
                             fact.name.job.value(), fact.failures, fact.losses, count(truth_.failures),
                             count(truth_.losses))};
}

void FaultMain::write(Record const& record, JobId job) {
  if (history_.state(job) != History::State::open) throw Broken{fmt::format("job {} ends twice", job.value())};
  history_.take(record);
  journal_->write(encode_record(record));
  written_.push_back(record);
  if (std::exchange(sync_planned_, true)) return;
  agenda_.after(between_syncs, [this] { when_awake([this] { sync(); }); });
}

void FaultMain::sync() {
  sync_planned_ = false;
  journal_->sync();
  deliver();
}

void FaultMain::deliver() {
  for (auto const& record : std::exchange(written_, {})) {
    auto const job = job_of(record);
    if (std::holds_alternative<SolutionKept>(record)) {
      ++joined_[job];
      truth_.joined.insert(job);
    } else {
      given_up_.insert(job);
      truth_.given_up.insert(job);
    }
  }
}

void FaultMain::check_result() const {
  for (std::uint64_t i = 0; i < jobs_; ++i) {
    auto const found = joined_.find(JobId{i});
    auto const times = (found == joined_.end() ? 0 : found->second) + (given_up_.contains(JobId{i}) ? 1 : 0);
    if (times != 1) throw Broken{fmt::format("job {} was joined or given up {} times in all", i, times)};
  }
  if (joined_.size() + given_up_.size() != jobs_) throw Broken{"there are more jobs in the result than in the dataset"};
}

}  // namespace ballast::testing
