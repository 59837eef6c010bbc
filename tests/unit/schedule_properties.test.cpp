// Whatever happens to the nodes, every policy has every job resolved exactly once.
#include <cstdlib>
#include <random>
#include <set>

#include "schedule/placement.hpp"
#include "support/catch.hpp"
#include "support/schedule_scene.hpp"

namespace ballast {
namespace {

using namespace std::chrono_literals;

/// A cluster that does what may happen, at random: nodes start, solve, fail, answer, leave and come.
class RandomWorld {
 public:
  RandomWorld(std::string_view policy, std::uint64_t jobs, std::uint32_t nodes, std::uint64_t seed,
              std::uint32_t shards = 1)
      : scene_{policy, 0, {.retries = 1, .shards = shards}},
        jobs_{jobs},
        random_{seed},
        last_node_{nodes},
        shards_{shards},
        placement_{shards, 1 + static_cast<std::uint32_t>(seed % 2), first(nodes)},
        drains_{seed % 3 == 0} {}

  void run() {
    for (auto const node : first(last_node_)) enter(node, 1);
    if (draw(2) == 0) note(scene_.play(CostsExpected{costs()}));
    if (draw(2) == 0) note(scene_.play(JobsResolved{earlier()}));
    note(scene_.play(JobsFound{jobs_ / 2}));
    note(scene_.play(JobsFound{jobs_}));
    note(scene_.play(DatasetEnded{}));
    for (std::uint64_t moves = 0; !finished_; ++moves) {
      REQUIRE(moves < 1000 + 100 * jobs_);
      move();
    }
    REQUIRE(resolved_.size() + left_ == jobs_);
  }

 private:
  static std::vector<NodeId> first(std::uint32_t nodes) {
    std::vector<NodeId> ids;
    for (std::uint32_t i = 1; i <= nodes; ++i) ids.emplace_back(i);
    return ids;
  }

  std::uint64_t draw(std::uint64_t below) {
    return std::uniform_int_distribution<std::uint64_t>{0, below - 1}(random_);
  }

  /// Of some jobs too many or too few, too.
  std::vector<double> costs() {
    std::vector<double> costs(jobs_ + draw(5));
    for (auto& cost : costs) cost = static_cast<double>(draw(100));
    return costs;
  }

  /// Spans of jobs that an earlier run has resolved, maybe all.
  std::vector<JobSpan> earlier() {
    std::vector<JobSpan> spans;
    auto const gap = 1 + draw(10);
    for (std::uint64_t job = draw(gap); job < jobs_; job += draw(gap)) {
      auto const count = std::min(draw(10), jobs_ - job);
      spans.push_back({JobId{job}, count});
      for (std::uint64_t i = 0; i < count; ++i) resolved_.insert(JobId{job++});
    }
    return spans;
  }

  void move() {
    auto const chance = draw(1000);
    if (drains_ && chance >= 990 && chance < 992) return note(scene_.play(DrainBegan{}));
    if (chance >= 992 && chance < 995) return note(scene_.play(AssignmentPaused{}));
    if (chance >= 995 || (chance >= 950 && scene_.held.empty())) return note(scene_.play(AssignmentResumed{}));
    if (chance < 3 && here_.size() > 1) return lose(any_node());
    if (chance < 6) return join();
    auto const node = any_node();
    if (recalled_.contains(node) && draw(3) == 0) return answer(node);
    auto& held = scene_.held[node];
    scene_.now += std::chrono::microseconds{draw(2000)};
    if (held.empty()) return note(scene_.play(TimePassed{}));
    auto const name = held.front();
    if (started_.insert({node, name}).second) return note(scene_.start(node, name));
    if (chance < 30) return note(scene_.fail(node, name));
    note(scene_.solve(node, name, std::chrono::microseconds{draw(3) == 0 ? 0 : 1 + draw(5000)}));
  }

  NodeId any_node() { return *std::next(here_.begin(), static_cast<std::ptrdiff_t>(draw(here_.size()))); }

  void lose(NodeId node) {
    here_.erase(node);
    recalled_.erase(node);
    auto const heirs = placement_.lose(node);
    note(scene_.lose(node));
    if (shards_ == 1) return;
    for (auto const heir : heirs) {
      scene_.held.erase(heir);
      recalled_.erase(heir);
      here_.erase(heir);
      note(scene_.play(NodeLeft{heir}));
      enter(heir, static_cast<std::uint32_t>(1 + draw(3)));
    }
  }

  void enter(NodeId node, std::uint32_t solvers) {
    here_.insert(node);
    note(scene_.play(
        NodeJoined{node, solvers, {}, shards_ > 1 ? placement_.shards_of(node) : std::vector<std::uint32_t>{}}));
  }

  /// A new node, or one that was lost.
  void join() {
    NodeId node{static_cast<std::uint32_t>(1 + draw(last_node_))};
    if (here_.contains(node) && shards_ > 1) return;  // a node that nobody knew has no shard
    if (here_.contains(node)) node = NodeId{++last_node_};
    placement_.readmit(node);
    enter(node, static_cast<std::uint32_t>(1 + draw(3)));
  }

  void answer(NodeId node) {
    auto const most = recalled_.extract(node).mapped();
    auto const& held = scene_.held[node];
    std::vector<JobAttempt> back;
    for (auto one = held.rbegin(); one != held.rend() && back.size() < most; ++one)
      if (!started_.contains({node, *one})) back.push_back(*one);
    note(scene_.release(node, back));
  }

  void note(Step const& step) {
    for (auto const& fact : step.facts) {
      if (auto const* const one = std::get_if<SolutionAccepted>(&fact)) REQUIRE(resolved_.insert(one->name.job).second);
      if (auto const* const one = std::get_if<JobGivenUp>(&fact)) REQUIRE(resolved_.insert(one->name.job).second);
      REQUIRE_FALSE(std::holds_alternative<RunStranded>(fact));
      finished_ |= std::holds_alternative<RunFinished>(fact);
      if (auto const* const one = std::get_if<RunDrained>(&fact)) {
        finished_ = true;
        left_ = one->unresolved;
      }
    }
    for (auto const& action : step.actions) {
      if (auto const* const one = std::get_if<RecallJobs>(&action)) recalled_[one->node] = one->count;
      if (auto const* const one = std::get_if<CancelJob>(&action)) std::erase(scene_.held[one->node], one->name);
      if (auto const* const one = std::get_if<AssignJobs>(&action)) check(*one);
    }
  }

  void check(AssignJobs const& assigned) const {
    REQUIRE(here_.contains(assigned.node));
    auto const owned = placement_.shards_of(assigned.node);
    for (auto const& run : assigned.runs)
      for (std::uint64_t i = 0; shards_ > 1 && i < run.count; ++i)
        REQUIRE(std::count(owned.begin(), owned.end(), (run.first.value() + i) % shards_) == 1);
  }

  ScheduleScene scene_;
  std::uint64_t jobs_;
  std::mt19937_64 random_;
  std::uint32_t last_node_;
  std::uint32_t shards_;
  Placement placement_;
  std::set<NodeId> here_;
  std::set<std::pair<NodeId, JobAttempt>> started_;
  std::map<NodeId, std::uint64_t> recalled_;
  std::set<JobId> resolved_;
  bool drains_;
  bool finished_{false};
  std::uint64_t left_{0};  // by a drain
};

/// Solves everything, node by node in turn; returns how many solutions were accepted.
std::uint64_t solve_all(Dispatcher& dispatcher, std::uint64_t jobs, std::uint32_t nodes) {
  std::deque<std::pair<NodeId, JobRun>> queue;
  std::uint64_t accepted = 0;
  Time now{};
  auto const play = [&](Event const& event) {
    now += 1us;
    auto const step = dispatcher.on(event, now);
    for (auto const& action : step.actions)
      if (auto const* const assign = std::get_if<AssignJobs>(&action))
        for (auto const& run : assign->runs) queue.emplace_back(assign->node, run);
    for (auto const& fact : step.facts) accepted += std::holds_alternative<SolutionAccepted>(fact);
  };
  for (std::uint32_t i = 1; i <= nodes; ++i) play(NodeJoined{NodeId{i}});
  play(JobsFound{jobs});
  play(DatasetEnded{});
  for (; !queue.empty(); queue.pop_front()) {
    auto const [node, run] = queue.front();
    for (std::uint64_t i = 0; i < run.count; ++i)
      play(SolutionArrived{node, {JobId{run.first.value() + i}, run.attempt}, 1us});
  }
  return accepted;
}

}  // namespace

TEST_CASE(
    "every policy has every job resolved once while nodes fail, leave, return and answer late, from any start to a "
    "drain") {
  for (auto const& policy : policies())
    for (std::uint64_t seed = 1; seed <= 60; ++seed) {
      INFO(policy.name << ", seed " << seed);
      auto const jobs = seed * 7 % 120;
      RandomWorld world{policy.name, jobs, static_cast<std::uint32_t>(1 + seed % 7), seed};
      world.run();
    }
}

TEST_CASE("every policy has every job of every shard resolved once, by an owner of it, whoever leaves and returns") {
  for (auto const& policy : policies())
    for (std::uint64_t seed = 1; seed <= 60; ++seed) {
      INFO(policy.name << ", seed " << seed);
      RandomWorld world{policy.name, seed * 7 % 120, static_cast<std::uint32_t>(1 + seed % 7), seed,
                        static_cast<std::uint32_t>(2 + seed % 5)};
      world.run();
    }
}

TEST_CASE("every policy assigns N jobs once, be it none, one, around P, or very many") {
  auto const many = std::getenv("BALLAST_LONG") == nullptr ? std::uint64_t{20'000} : std::uint64_t{1'000'000};
  for (auto const& policy : policies())
    for (std::uint32_t const nodes : {1U, 2U, 4U, 7U})
      for (std::uint64_t const jobs : {std::uint64_t{0}, std::uint64_t{1}, std::uint64_t{nodes - 1},
                                       std::uint64_t{nodes}, std::uint64_t{nodes + 1}, nodes == 7 ? many : 1000}) {
        INFO(policy.name << ", " << jobs << " jobs, " << nodes << " nodes");
        Dispatcher dispatcher{policy.name, {}};
        REQUIRE(solve_all(dispatcher, jobs, nodes) == jobs);
        REQUIRE(dispatcher.ledger().unresolved() == 0);
      }
}

}  // namespace ballast
