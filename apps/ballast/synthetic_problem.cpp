// A job's payload is what it costs; its solution says who has solved it, and when.
#include "synthetic_problem.hpp"

#include <sys/prctl.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <ctime>
#include <thread>

#include <ballast/problem/codec.hpp>

namespace app {
namespace {

using ballast::Duration;

struct Attended {
  std::uint32_t node{};
  std::uint32_t solver{};
  std::uint32_t attempt{};
  Duration::rep begin{};  // since the epoch
  Duration::rep end{};

  template <class Archive>
  void serialize(Archive& archive, unsigned /*version*/) {
    archive& node& solver& attempt& begin& end;
  }
};

class CostSplitter final : public ballast::IndexedSplitter {
 public:
  explicit CostSplitter(ballast::JobCosts const& costs) : costs_{costs} {}

  [[nodiscard]] std::uint64_t count() const override { return costs_.size(); }
  ballast::Payload read(ballast::JobId id) override { return ballast::encode(costs_[id.value()].count()); }

 private:
  ballast::JobCosts const& costs_;
};

class SpanJoiner final : public ballast::Joiner {
 public:
  explicit SpanJoiner(std::vector<ballast::AttemptSpan>& spans) : spans_{spans} {}

  [[nodiscard]] ballast::JoinOrder order() const override { return ballast::JoinOrder::arrival; }
  void write(ballast::JobId, std::string_view piece) override { solution_.append(piece); }
  void finish(ballast::JobId job) override {
    auto const told = ballast::decode<Attended>(std::exchange(solution_, {}));
    spans_.push_back({ballast::NodeId{told.node},
                      ballast::SolverId{told.solver},
                      {job, ballast::Attempt{told.attempt}},
                      Duration{told.begin},
                      Duration{told.end},
                      ballast::AttemptSpan::End::solved});
  }
  void close() override {}

 private:
  std::vector<ballast::AttemptSpan>& spans_;
  ballast::Payload solution_;
};

/// Of the calendar's clock: ranks on several hosts have no other one in common.
Duration since_epoch() {
  return std::chrono::duration_cast<Duration>(std::chrono::system_clock::now().time_since_epoch());
}

/// That this thread has used.
Duration cpu_time() {
  timespec time{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return std::chrono::seconds{time.tv_sec} + std::chrono::nanoseconds{time.tv_nsec};
}

/// To the microsecond, as far as a core is free then: by default, the kernel may let a sleep last 50 us longer.
void sleep(Duration effort) {
  prctl(PR_SET_TIMERSLACK, 1UL);
  std::this_thread::sleep_for(effort);
}

/// Looks at the clock every ten microseconds or so: to ask it is work for the kernel.
void compute(Duration effort) {
  constexpr int steps = 10'000;
  auto const end = cpu_time() + effort;
  auto number = static_cast<std::uint64_t>(end.count());
  while (cpu_time() < end) {
    for (int i = 0; i < steps; ++i) number = number * 6364136223846793005U + 1442695040888963407U;
    [[maybe_unused]] std::uint64_t const volatile kept = number;  // or the compiler would leave out the loop
  }
}

/// The Main Node that computes by itself is rank 0, and the first and only node.
std::uint32_t place_of(ballast::NodeId node) { return std::max(node.value(), 1U) - 1; }

}  // namespace

void SyntheticProblem::offer(ballast::JobCosts const& costs, ballast::SimulationSetting::Hints hints) {
  costs_ = &costs;
  hints_ = hints;
}

std::vector<ballast::AttemptSpan> SyntheticProblem::spans() const {
  auto spans = spans_;
  auto const earlier = [](auto const& one, auto const& other) { return one.begin < other.begin; };
  auto const first = std::min_element(spans.begin(), spans.end(), earlier);
  if (first == spans.end()) return {};
  auto const zero = first->begin;
  for (auto& span : spans) {
    span.begin -= zero;
    span.end -= zero;
  }
  return spans;
}

std::vector<double> SyntheticProblem::costs() {
  std::vector<double> expected;
  if (hints_ == ballast::SimulationSetting::Hints::on)
    for (auto const cost : *costs_) expected.push_back(std::chrono::duration<double>{cost}.count());
  return expected;
}

ballast::Splitter SyntheticProblem::split() { return std::make_unique<CostSplitter>(*costs_); }

std::unique_ptr<ballast::Joiner> SyntheticProblem::join() { return std::make_unique<SpanJoiner>(spans_); }

void SyntheticProblem::solve(ballast::AttemptContext const& context, std::string_view job,
                             ballast::SolutionSink& solution) {
  auto const begin = since_epoch();
  auto const place = place_of(context.node);
  auto const cost = static_cast<double>(ballast::decode<Duration::rep>(job));
  auto const speed = speeds_.at(place, ballast::Time{ballast::Clock::now() - begun_});
  Duration const effort{std::llround(cost / speed)};
  if (effort_ == Effort::sleep)
    sleep(effort);
  else
    compute(effort);
  solution.write(ballast::encode(
      Attended{place + 1, context.solver.value(), context.name.attempt.value(), begin.count(), since_epoch().count()}));
}

}  // namespace app
