// Drawn at random, shortened by leaving out.
#include "sim/fault_schedule.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <random>

#include "ballast/schedule/policy.hpp"

namespace ballast::testing {
namespace {

using namespace std::chrono_literals;

/// Draws a schedule, from small numbers of everything.
class Draw {
 public:
  explicit Draw(std::uint64_t seed) : random_{seed} { schedule_.seed = seed; }

  FaultSchedule all() {
    schedule_.jobs = one_in(4) ? below(4) : below(41);
    auto const lives = 1 + below(4);
    for (std::uint32_t life = 0; life < lives; ++life) {
      schedule_.starts.push_back(start());
      if (life + 1 < lives) add_end(life);
      if (!one_in(4)) add_mishaps(life);
    }
    if (!one_in(3)) add_bad_jobs();
    return std::move(schedule_);
  }

 private:
  std::uint64_t below(std::uint64_t bound) { return random_() % bound; }
  bool one_in(std::uint64_t chances) { return below(chances) == 0; }
  std::uint32_t small(std::uint32_t bound) { return static_cast<std::uint32_t>(below(bound)); }
  Duration upto(Duration most) { return Duration{static_cast<Duration::rep>(below(std::uint64_t(most.count())))}; }
  NodeId node(std::uint32_t life) { return NodeId{1 + small(schedule_.starts[life].nodes)}; }
  JobId job() { return JobId{below(std::max<std::uint64_t>(schedule_.jobs, 1))}; }

  Start start() {
    auto const all = policies();
    Start start{.policy = std::string{one_in(3) ? "auto" : all[below(all.size())].name},
                .nodes = 1 + small(6),
                .solvers = 1 + (one_in(3) ? small(3) : 0),
                .retries = small(3)};
    if (one_in(2)) start.prefetch = small(5);
    if (one_in(8)) start.end = upto(400ms);
    start.speculation = !one_in(4);
    start.costs = one_in(4);
    start.revive = one_in(4);
    start.stream = one_in(4);
    if (one_in(10)) start.quota = 1 + below(10);
    return start;
  }

  void add_end(std::uint32_t life) {
    if (one_in(3))
      add(DrainAsked{life, upto(150ms)});
    else
      add(MainDies{life, upto(150ms), one_in(3) ? 1000 : one_in(2) ? 0 : small(1000)});
  }

  void add_mishaps(std::uint32_t life) {
    for (auto i = below(5); i > 0; --i) add_mishap(life);
  }

  void add_mishap(std::uint32_t life) {
    auto const at = upto(200ms);
    switch (below(8)) {
      case 0:
      case 1:
        return add(NodeDies{life, at, node(life), one_in(2) ? std::optional{upto(500ms)} : std::nullopt});
      case 2:
      case 3:
        return add(NodeHangs{life, at, node(life), upto(600ms)});
      case 4:
        return add(MainStalls{life, at, upto(600ms)});
      case 5:
        return add(AllStall{life, at, upto(1s)});
      case 6:
        return add(PauseAsked{life, at, upto(50ms)});
      default:
        return add(NewsRepeated{life, 1 + below(100), upto(one_in(2) ? 2ms : 500ms)});
    }
  }

  void add_bad_jobs() {
    for (auto i = below(3); i > 0; --i) add(JobFails{job(), 1 + small(4)});
    for (auto i = one_in(4) ? 1 + below(2) : 0; i > 0; --i) add(JobKills{job()});
    for (auto i = one_in(2) ? 1 + below(2) : 0; i > 0; --i) add(JobIsSlow{job(), 2 + small(100)});
  }

  void add(Mishap mishap) { schedule_.mishaps.push_back(mishap); }

  std::mt19937_64 random_;
  FaultSchedule schedule_;
};

std::string milliseconds(Duration time) { return fmt::format("{:.3f} ms", static_cast<double>(time.count()) / 1e6); }

struct InWords {
  std::string operator()(NodeDies const& m) const {
    return fmt::format("{}, node {} dies{}", when(m), m.node.value(),
                       m.back_after ? ", and is back after " + milliseconds(*m.back_after) : "");
  }
  std::string operator()(NodeHangs const& m) const {
    return fmt::format("{}, node {} hangs for {}", when(m), m.node.value(), milliseconds(m.lasting));
  }
  std::string operator()(MainStalls const& m) const {
    return fmt::format("{}, the Main Node stalls for {}", when(m), milliseconds(m.lasting));
  }
  std::string operator()(AllStall const& m) const {
    return fmt::format("{}, everybody is stopped for {}", when(m), milliseconds(m.lasting));
  }
  std::string operator()(MainDies const& m) const {
    return fmt::format("{}, the machine goes down; {} per mille of the unsynced bytes stay", when(m), m.kept);
  }
  std::string operator()(DrainAsked const& m) const { return fmt::format("{}, a drain is asked for", when(m)); }
  std::string operator()(PauseAsked const& m) const {
    return fmt::format("{}, a pause of {}", when(m), milliseconds(m.lasting));
  }
  std::string operator()(NewsRepeated const& m) const {
    return fmt::format("life {}, message {} comes again {} later", m.life, m.number, milliseconds(m.later));
  }
  std::string operator()(JobFails const& m) const {
    return fmt::format("job {} fails {} times", m.job.value(), m.times);
  }
  std::string operator()(JobKills const& m) const { return fmt::format("job {} kills its node", m.job.value()); }
  std::string operator()(JobIsSlow const& m) const {
    return fmt::format("job {} takes {} times as long", m.job.value(), m.factor);
  }

 private:
  template <class M>
  static std::string when(M const& mishap) {
    return fmt::format("life {}, {}", mishap.life, milliseconds(mishap.at));
  }
};

std::string text_of(Start const& start) {
  return fmt::format("{}, {} nodes with {} solvers, {} retries, prefetch {}{}{}{}{}{}{}", start.policy, start.nodes,
                     start.solvers, start.retries, start.prefetch ? std::to_string(*start.prefetch) : "auto",
                     start.end ? ", end " + milliseconds(*start.end) : "", start.speculation ? "" : ", no copies",
                     start.costs ? ", costs known" : "", start.revive ? ", what was given up again" : "",
                     start.stream ? ", half of the jobs later" : "",
                     start.quota == UINT64_MAX ? "" : fmt::format(", {} jobs per node", start.quota));
}

/// Ways to make a start simpler. None undoes another: shrinking ends.
std::vector<std::function<void(Start&)>> const simplifications{
    [](Start& s) { s = Start{.nodes = s.nodes}; },
    [](Start& s) { s.policy = "self"; },
    [](Start& s) { s.nodes = std::max(s.nodes, 2U) - 1; },
    [](Start& s) { s.solvers = 1; },
    [](Start& s) { s.prefetch.reset(); },
    [](Start& s) { s.end.reset(); },
    [](Start& s) { s.speculation = true; },
    [](Start& s) { s.costs = s.revive = s.stream = false; },
    [](Start& s) { s.quota = UINT64_MAX; },
};

}  // namespace

FaultSchedule draw_schedule(std::uint64_t seed) { return Draw{seed}.all(); }

std::string text_of(FaultSchedule const& schedule) {
  auto text = fmt::format("{} jobs\n", schedule.jobs);
  for (std::size_t life = 0; life < schedule.starts.size(); ++life)
    text += fmt::format("life {}: {}\n", life, text_of(schedule.starts[life]));
  for (auto const& mishap : schedule.mishaps) text += std::visit(InWords{}, mishap) + "\n";
  return text;
}

FaultSchedule shrink(FaultSchedule schedule, std::function<bool(FaultSchedule const&)> const& fails) {
  auto const accept = [&](FaultSchedule const& smaller) {
    if (text_of(smaller) == text_of(schedule) || !fails(smaller)) return false;
    schedule = smaller;
    return true;
  };
  for (bool progress = true; progress;) {
    progress = false;
    for (auto i = schedule.mishaps.size(); i-- > 0;) {
      auto smaller = schedule;
      smaller.mishaps.erase(smaller.mishaps.begin() + static_cast<std::ptrdiff_t>(i));
      progress |= accept(smaller);
    }
    for (auto const part : {2U, 8U, schedule.jobs > 0 ? static_cast<unsigned>(schedule.jobs) : 1U}) {
      auto smaller = schedule;
      smaller.jobs -= (schedule.jobs + part - 1) / part;
      progress |= accept(smaller);
    }
    for (std::size_t life = schedule.starts.size(); life-- > 0;) {
      auto smaller = schedule;
      smaller.starts.resize(life);
      if (accept(smaller)) {
        progress = true;
        continue;
      }
      for (auto const& simplify : simplifications) {
        smaller = schedule;
        simplify(smaller.starts[life]);
        progress |= accept(smaller);
      }
    }
  }
  return schedule;
}

}  // namespace ballast::testing
