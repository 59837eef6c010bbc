// The pool of solver processes: keeps each slot's solver busy, watched and replaced.
#include <algorithm>
#include <cstring>
#include <deque>
#include <optional>
#include <string>
#include <utility>
#include <variant>

#include "ballast/core/contract.hpp"
#include "ballast/core/error.hpp"
#include "solver/exit_status.hpp"
#include "solver/nursery.hpp"
#include "solver/running_attempt.hpp"
#include "solver/solver_pool.hpp"

namespace ballast {
namespace {

using namespace std::chrono_literals;

constexpr Duration stop_patience = 2s;         // with a solver that was asked to end its attempt
constexpr Duration farewell_patience = 700ms;  // when all are
constexpr Duration birth_pause = 50ms;         // after a birth that failed, or a death outside any attempt
constexpr Duration birth_patience = 10s;       // with no solver at all
constexpr Duration nursery_heartbeat = 50ms;   // how long its death, which rings no bell, may go unnoticed
constexpr Duration nursery_memory = 10s;
constexpr std::size_t nursery_deaths_borne = 4;  // within its memory, and nothing solved in between

struct Unborn {
  std::optional<Time> order_at;  // none: it is ordered
};
struct Idle {};
struct Ending {};  // killed, but not known to be dead
using Slot = std::variant<Unborn, Idle, RunningAttempt, Ending>;

template <class State>
bool is(Slot const& slot) {
  return std::holds_alternative<State>(slot);
}

std::string describe(Duration duration) {
  char text[32];
  bool const short_one = duration < 1s;
  std::snprintf(text, sizeof text, "%g %s", static_cast<double>(duration.count()) / (short_one ? 1e6 : 1e9),
                short_one ? "ms" : "s");
  return text;
}

class ProcessPool final : public SolverPool {
 public:
  ProcessPool(Solver& solver, NodeId node, unsigned count);
  ~ProcessPool() override;

  unsigned idle() const override;
  void start(Job&& job, Time now) override;
  std::vector<News> poll(Time now) override;
  void cancel(JobAttempt name) override;
  void limit(std::optional<Duration> limit) override { limit_ = limit; }
  void wait(Duration at_most) override;

 private:
  void note(SolverBorn const& born);
  void note(BirthFailed const& failed);
  void note(SolverDied const& died);
  void attend(unsigned index);
  void watch(unsigned index, RunningAttempt& attempt);
  template <class Action>
  void guard(unsigned index, RunningAttempt const& attempt, Action action);
  void stop(unsigned index, RunningAttempt& attempt, RunningAttempt::StopReason reason);
  void kill(unsigned index, std::optional<Failed>&& failed);
  void end_solver(unsigned index);
  void conclude(RunningAttempt& attempt, std::string const& death);
  void replace_nursery();

  Solver& solver_;
  NodeId node_;
  std::vector<Slot> slots_;
  std::unique_ptr<Nursery> nursery_;
  std::optional<Duration> limit_;
  std::vector<News> news_;
  bool more_news_{};
  Doorbell::Count seen_{};  // of the agent's doorbell, when poll() began to look
  Time now_{};
  std::optional<Time> births_fail_since_;
  std::deque<Time> nursery_deaths_;
};

ProcessPool::ProcessPool(Solver& solver, NodeId node, unsigned count) : solver_{solver}, node_{node}, slots_(count) {
  BALLAST_EXPECT(count >= 1);
  nursery_ = std::make_unique<Nursery>(solver, node, count);
}

// Those who listen may end in their own way.
ProcessPool::~ProcessPool() {
  auto const deadline = Clock::now() + farewell_patience;
  auto const stops = [this](unsigned index) {
    auto* const attempt = std::get_if<RunningAttempt>(&slots_[index]);
    if (attempt == nullptr) return false;
    if (!attempt->stop_until()) stop(index, *attempt, RunningAttempt::Unwanted{});
    return is<RunningAttempt>(slots_[index]);
  };
  try {
    for (auto busy = true; busy && Clock::now() < deadline;) {
      busy = false;
      for (unsigned index = 0; index < slots_.size(); ++index) busy |= stops(index);
      if (busy) wait(5ms);
      static_cast<void>(poll(Clock::now()));
    }
  } catch (EngineError const&) {
    return;  // they all end with the nursery
  }
}

unsigned ProcessPool::idle() const {
  return static_cast<unsigned>(std::count_if(slots_.begin(), slots_.end(), is<Idle>));
}

void ProcessPool::start(Job&& job, Time now) {
  auto const slot = std::find_if(slots_.begin(), slots_.end(), is<Idle>);
  BALLAST_EXPECT(slot != slots_.end());
  auto const index = static_cast<unsigned>(slot - slots_.begin());
  now_ = now;
  auto& request = nursery_->space().channel(index).stop;
  request.heard = false;
  request.asked = false;
  auto& attempt = slot->emplace<RunningAttempt>(std::move(job), now, nursery_->space().channel(index));
  guard(index, attempt, [&] { attempt.feed(); });
}

// A torn channel is the end of its solver, and of this attempt.
template <class Action>
void ProcessPool::guard(unsigned index, RunningAttempt const& attempt, Action action) {
  try {
    action();
  } catch (TornChannel const& torn) {
    kill(index, attempt.fail(FailureKind::crashed, torn.what(), now_));
  }
}

std::vector<News> ProcessPool::poll(Time now) {
  now_ = now;
  more_news_ = false;
  seen_ = nursery_->space().agent().count();
  while (auto const report = nursery_->report()) {
    std::visit([this](auto const& of_this_kind) { note(of_this_kind); }, *report);
  }
  if (!nursery_->is_alive()) replace_nursery();
  for (unsigned index = 0; index < slots_.size(); ++index) attend(index);
  return std::exchange(news_, {});
}

void ProcessPool::wait(Duration at_most) {
  if (more_news_) return;
  at_most = std::min(at_most, nursery_heartbeat);
  for (auto const& slot : slots_) {
    auto const* const attempt = std::get_if<RunningAttempt>(&slot);
    if (limit_ && attempt != nullptr) at_most = std::min(at_most, attempt->started() + *limit_ - now_);
  }
  if (at_most > Duration::zero()) nursery_->space().agent().wait(seen_, at_most);
}

void ProcessPool::note(SolverBorn const& born) {
  slots_[born.slot] = Idle{};
  births_fail_since_.reset();
}

void ProcessPool::note(BirthFailed const& failed) {
  slots_[failed.slot] = Unborn{now_ + birth_pause};
  births_fail_since_ = births_fail_since_.value_or(now_);
  if (now_ - *births_fail_since_ < birth_patience || !std::all_of(slots_.begin(), slots_.end(), is<Unborn>)) return;
  throw EngineError{"cannot start solver processes", std::strerror(failed.error),
                    "raise the limit of processes (ulimit -u), or use --solvers 0"};
}

void ProcessPool::note(SolverDied const& died) {
  auto& slot = slots_[died.slot];
  auto const pause = is<Idle>(slot) ? birth_pause : Duration::zero();
  if (auto* const attempt = std::get_if<RunningAttempt>(&slot)) conclude(*attempt, describe_exit(died.wait_status));
  nursery_->space().renew(died.slot);
  slot = Unborn{now_ + pause};
}

void ProcessPool::attend(unsigned index) {
  auto& slot = slots_[index];
  if (auto* const attempt = std::get_if<RunningAttempt>(&slot)) {
    guard(index, *attempt, [&] { watch(index, *attempt); });
  }
  auto* const unborn = std::get_if<Unborn>(&slot);
  if (unborn == nullptr || !unborn->order_at || *unborn->order_at > now_) return;
  unborn->order_at.reset();
  nursery_->order(BearSolver{index});
}

void ProcessPool::watch(unsigned index, RunningAttempt& attempt) {
  attempt.feed();
  auto const progress = attempt.collect(news_);
  more_news_ = more_news_ || progress == RunningAttempt::Progress::more;
  if (progress == RunningAttempt::Progress::finished) {
    nursery_deaths_.clear();
    slots_[index] = Idle{};
  } else if (attempt.stop_until() ? now_ >= *attempt.stop_until() : limit_ && now_ - attempt.started() >= *limit_) {
    stop(index, attempt, RunningAttempt::TimeOver{"ran longer than " + describe(limit_.value_or(Duration{}))});
  }
}

void ProcessPool::stop(unsigned index, RunningAttempt& attempt, RunningAttempt::StopReason reason) {
  auto& request = nursery_->space().channel(index).stop;
  bool const late = attempt.stop_until().has_value();
  if (!late) attempt.stop(reason, now_ + stop_patience);
  if (request.heard && !late) {
    request.asked = true;
  } else {
    kill(index, attempt.killed(now_));
  }
}

void ProcessPool::kill(unsigned index, std::optional<Failed>&& failed) {
  if (failed) news_.push_back(std::move(*failed));
  end_solver(index);
}

void ProcessPool::cancel(JobAttempt name) {
  for (unsigned index = 0; index < slots_.size(); ++index) {
    auto* const attempt = std::get_if<RunningAttempt>(&slots_[index]);
    if (attempt != nullptr && attempt->name() == name) stop(index, *attempt, RunningAttempt::Unwanted{});
  }
}

void ProcessPool::end_solver(unsigned index) {
  nursery_->order(EndSolver{index});
  slots_[index] = Ending{};
}

// The solver is dead. What it has told in whole messages counts, the rest is lost.
void ProcessPool::conclude(RunningAttempt& attempt, std::string const& death) {
  using Progress = RunningAttempt::Progress;
  try {
    auto progress = Progress::more;
    while (progress == Progress::more) progress = attempt.collect(news_);
    if (progress == Progress::finished) return;
  } catch (TornChannel const&) {
    // How it died says as much.
  }
  if (auto failed = attempt.fail(FailureKind::crashed, death, now_)) news_.push_back(std::move(*failed));
}

// The solvers end by themselves, and may take a moment. The new ones share other memory, so it does not matter.
void ProcessPool::replace_nursery() {
  auto const death = "lost with the solvers' nursery (" + nursery_->reap() + ")";
  for (auto& slot : slots_) {
    if (auto* const attempt = std::get_if<RunningAttempt>(&slot)) conclude(*attempt, death);
    slot = Unborn{};
  }
  nursery_deaths_.push_back(now_);
  while (now_ - nursery_deaths_.front() > nursery_memory) nursery_deaths_.pop_front();
  if (nursery_deaths_.size() > nursery_deaths_borne) {
    throw EngineError{"cannot keep solver processes alive", "again and again " + death, "look for what kills them"};
  }
  nursery_ = std::make_unique<Nursery>(solver_, node_, static_cast<unsigned>(slots_.size()));
  seen_ = nursery_->space().agent().count();
}

}  // namespace

std::unique_ptr<SolverPool> make_process_pool(Solver& solver, NodeId node, unsigned count) {
  return std::make_unique<ProcessPool>(solver, node, count);
}

}  // namespace ballast
