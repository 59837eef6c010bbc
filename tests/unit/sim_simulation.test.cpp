// Simulated runs against what can be said of them with a pencil.
#include "ballast/sim/simulation.hpp"

#include <algorithm>
#include <map>
#include <set>

#include "ballast/core/error.hpp"
#include "ballast/schedule/policy.hpp"
#include "support/catch.hpp"
#include "support/thrown.hpp"

namespace ballast {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr MessageModel costless{Duration{0}, Duration{0}, Duration{0}};

SimulationSetting without_overhead(std::string policy) {
  SimulationSetting setting;
  setting.policy = std::move(policy);
  setting.messages = costless;
  return setting;
}

Workload equal_jobs(std::uint64_t jobs, std::uint32_t nodes, std::string_view speeds = "equal") {
  return {JobCosts(jobs, milliseconds{10}), {speeds, nodes}};
}

/// The spans of a run by job.
std::multimap<JobId, AttemptSpan> timeline_of(Workload const& workload, SimulationSetting setting) {
  std::multimap<JobId, AttemptSpan> spans;
  setting.timeline = [&](AttemptSpan const& span) { spans.emplace(span.name.job, span); };
  static_cast<void>(simulate(workload, setting));
  return spans;
}

}  // namespace

TEST_CASE("equal jobs under static take as long as the largest block") {
  for (std::uint64_t const jobs : {1U, 7U, 8U, 9U, 1000U, 1001U}) {
    auto const outcome = simulate(equal_jobs(jobs, 8), without_overhead("static"));
    INFO(jobs);
    CHECK(outcome.makespan == milliseconds{10} * ((jobs + 7) / 8));
    CHECK(outcome.solved == jobs);
  }
}

TEST_CASE("several solvers of a node share its block") {
  Workload workload = equal_jobs(96, 4);
  workload.solvers = 3;
  auto const outcome = simulate(workload, without_overhead("static"));
  CHECK(outcome.makespan == milliseconds{80});
  CHECK(outcome.idle == Approx(0).margin(1e-9));
}

TEST_CASE("one slow node holds up static as much as it is slow") {
  auto const outcome = simulate(equal_jobs(800, 8, "slow:factor=4"), without_overhead("static"));
  CHECK(outcome.makespan == seconds{4});
}

TEST_CASE("self without overhead ends within one job of the ideal") {
  auto setting = without_overhead("self");
  setting.rules.prefetch = 0;
  Workload const workload{draw_costs("exponential", 5000, 1), {"equal", 7}};
  auto const outcome = simulate(workload, setting);
  CHECK(outcome.makespan >= outcome.ideal);
  CHECK(outcome.makespan <= outcome.ideal + *std::max_element(workload.costs.begin(), workload.costs.end()));
}

TEST_CASE("a Main Node that is slow with messages holds up everybody") {
  SimulationSetting setting;
  setting.policy = "self";
  setting.messages.message_cost = milliseconds{1};
  auto const outcome = simulate({JobCosts(1000, milliseconds{1}), {"equal", 50}}, setting);
  CHECK(outcome.messages >= 2000);
  CHECK(outcome.makespan >= milliseconds{2000});
  CHECK(outcome.main_node == Approx(1).margin(0.01));
}

TEST_CASE("one job costs an assignment and a report, each with its way") {
  SimulationSetting setting;
  setting.policy = "self";
  setting.messages = {milliseconds{100}, milliseconds{10}, milliseconds{1}};
  auto const outcome = simulate({{seconds{1}}, {"equal", 1}}, setting);
  CHECK(outcome.makespan == milliseconds{11 + 100 + 1000 + 100 + 11});
  CHECK(outcome.messages == 3);
  CHECK(outcome.idle == Approx(1 - 1000.0 / 1222));
}

TEST_CASE("a lost node's jobs are solved by others, none twice") {
  auto setting = without_overhead("auto");
  setting.faults = parse_faults("lost:2@300ms,lost:3@500ms");
  setting.lease = seconds{1};
  auto const outcome = simulate(equal_jobs(1000, 4), setting);
  CHECK(outcome.solved == 1000);
  CHECK(outcome.given_up == 0);
  CHECK(outcome.makespan > outcome.ideal);
}

TEST_CASE("a lost node is silent from then on") {
  auto setting = without_overhead("static");
  setting.faults = parse_faults("lost:2@55ms");
  std::uint64_t solved = 0;
  for (auto const& [job, span] : timeline_of(equal_jobs(100, 2), setting)) {
    if (span.node != NodeId{2}) continue;
    CHECK(span.end <= milliseconds{55});
    solved += span.how == AttemptSpan::End::solved;
  }
  CHECK(solved == 5);
}

TEST_CASE("a lost node is missed when its lease has ended, and not before") {
  auto setting = without_overhead("static");
  setting.faults = parse_faults("lost:2@55ms");
  setting.lease = seconds{1};
  auto const outcome = simulate(equal_jobs(100, 2), setting);
  CHECK(outcome.makespan == milliseconds{55 + 1000 + 45 * 10});
}

TEST_CASE("the dispatcher is woken when it wants to be: an idle node copies a straggler's job") {
  auto setting = without_overhead("self");
  setting.rules.prefetch = 0;
  // When the other node falls idle, a copy would not win yet, and no message follows.
  auto const workload = equal_jobs(2, 2, "slow:factor=100");
  auto const outcome = simulate(workload, setting);
  CHECK(outcome.copies == 1);
  CHECK(outcome.makespan < milliseconds{500});
  auto const spans = timeline_of(workload, setting);
  CHECK(std::count_if(spans.begin(), spans.end(),
                      [](auto const& entry) { return entry.second.how == AttemptSpan::End::cancelled; }) == 1);
  setting.rules.speculation = Speculation::off;
  CHECK(simulate(workload, setting).makespan == seconds{1});
}

TEST_CASE("without any node left the simulation says so") {
  auto setting = without_overhead("self");
  setting.faults = parse_faults("lost:1@20ms");
  CHECK_THROWS_AS(simulate(equal_jobs(100, 1), setting), EngineError);
  setting.faults = parse_faults("lost:9@20ms");
  CHECK_THROWS_AS(simulate(equal_jobs(100, 1), setting), UsageError);
}

TEST_CASE("attempts that fail are tried again, and given up after the last one") {
  auto setting = without_overhead("self");
  setting.faults.failing = 0.1;
  auto const outcome = simulate(equal_jobs(10'000, 4), setting);
  CHECK(outcome.solved + outcome.given_up == 10'000);
  CHECK(outcome.retries == Approx(1100).epsilon(0.15));  // 0.1 N + 0.01 N
  CHECK(outcome.given_up == Approx(10).margin(10));      // 0.001 N
  CHECK(outcome.given_up > 0);
  setting.faults.failing = 1;
  CHECK(simulate(equal_jobs(100, 4), setting).given_up == 100);
}

TEST_CASE("each span of the timeline is one attempt, and no solver is in two of them") {
  auto setting = without_overhead("guided");
  setting.faults = parse_faults("failing:0.05,lost:1@100ms");
  Workload workload{draw_costs("exponential", 500, 2), {"drift:period=1s", 5}};
  workload.solvers = 2;
  std::map<std::pair<NodeId, SolverId>, std::map<Duration, Duration>> by_solver;
  std::set<JobId> solved;
  for (auto const& [job, span] : timeline_of(workload, setting)) {
    by_solver[{span.node, span.solver}].emplace(span.begin, span.end);
    if (span.how == AttemptSpan::End::solved) solved.insert(job);
  }
  CHECK(solved.size() == 500);
  CHECK(by_solver.size() == 10);
  for (auto const& [solver, spans] : by_solver) {
    Duration last{};
    for (auto const& [begin, end] : spans) {
      CHECK(begin >= last);
      last = end;
    }
  }
}

TEST_CASE("the same seed makes the same run") {
  for (auto const& policy : policies()) {
    SimulationSetting setting;
    setting.policy = policy.name;
    setting.faults = parse_faults("failing:0.02,lost:2@200ms");
    Workload const workload{draw_costs("lognormal", 2000, 9), {"two", 6}};
    auto const first = simulate(workload, setting);
    auto const again = simulate(workload, setting);
    INFO(policy.name);
    CHECK(first.makespan == again.makespan);
    CHECK(first.messages == again.messages);
    CHECK(first.idle == again.idle);
  }
}

TEST_CASE("every policy finishes in every scenario, and beats the ideal in none") {
  for (auto const& policy : policies())
    for (auto const* const cost : {"constant:mean=0", "constant", "lognormal", "bimodal:ratio=100", "falling"})
      for (auto const* const speeds : {"equal", "two", "slow:factor=10"})
        for (auto const* const faults : {"", "lost:2@50ms,failing:0.1"})
          for (std::uint64_t const jobs : {0U, 1U, 5U, 400U}) {
            SimulationSetting setting;
            setting.policy = policy.name;
            setting.faults = parse_faults(faults);
            setting.lease = milliseconds{100};
            setting.hints = jobs % 2 == 0 ? SimulationSetting::Hints::on : SimulationSetting::Hints::off;
            setting.weights = jobs % 2 == 0 ? SimulationSetting::Weights::given : SimulationSetting::Weights::measured;
            INFO(policy.name << " " << cost << " " << speeds << " " << faults << " " << jobs);
            Workload const workload{draw_costs(cost, jobs, 4), {speeds, 5}, 1 + static_cast<std::uint32_t>(jobs % 2)};
            auto const outcome = simulate(workload, setting);
            CHECK(outcome.solved + outcome.given_up == jobs);
            if (outcome.given_up == 0) CHECK(outcome.makespan >= outcome.ideal);
            CHECK(outcome.idle >= 0);
            CHECK(outcome.idle <= 1);
          }
}

}  // namespace ballast
