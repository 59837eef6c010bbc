// The scheduling rules, each in a few lines, on the dispatcher that the engine runs.
#include <random>

#include "support/catch.hpp"
#include "support/schedule_scene.hpp"

namespace ballast {
namespace {

JobAttempt first_try(std::uint64_t job) { return {JobId{job}, Attempt{1}}; }
JobAttempt second_try(std::uint64_t job) { return {JobId{job}, Attempt{2}}; }

}  // namespace

TEST_CASE("a node is kept supplied up to what it computes and the prefetch") {
  ScheduleScene scene{"self", 1, {.prefetch = 2}};
  scene.dataset(10);
  CHECK(scene.held[node_1].size() == 3);
  scene.solve_next(node_1);
  CHECK(scene.held[node_1].size() == 3);
}

TEST_CASE("short jobs make a node hold more of them, long ones do not") {
  ScheduleScene scene{"self", 1};
  scene.dataset(1000);
  scene.solve(node_1, first_try(0), std::chrono::seconds{1});
  CHECK(scene.held[node_1].size() == 2);
  for (int i = 0; i < 200; ++i) scene.solve(node_1, scene.held[node_1].front(), std::chrono::microseconds{20});
  CHECK(scene.held[node_1].size() > 50);
}

TEST_CASE("a node's lead is the work that it may hold ahead, once its jobs are measured") {
  ScheduleScene scene{"self", 1, {.prefetch = 3}};
  scene.dataset(10);
  CHECK(scene.dispatcher.lead(node_1) == Duration{0});
  scene.solve(node_1, first_try(0), std::chrono::milliseconds{4});
  CHECK(scene.dispatcher.lead(node_1) == std::chrono::milliseconds{12});
  CHECK(scene.dispatcher.lead(node_2) == Duration{0});
}

TEST_CASE("no node takes a second chunk before every node has its first") {
  ScheduleScene scene{"self", 2, {.prefetch = 5}};
  scene.dataset(2);
  CHECK(scene.jobs_of(node_1) == std::vector<std::uint64_t>{0});
  CHECK(scene.jobs_of(node_2) == std::vector<std::uint64_t>{1});
}

TEST_CASE("the run finishes with the last job, and says so once") {
  ScheduleScene scene{"self"};
  scene.dataset(2);
  CHECK_FALSE(has_fact<RunFinished>(scene.solve(node_1, first_try(0))));
  CHECK(has_fact<RunFinished>(scene.solve(node_2, first_try(1))));
  CHECK_FALSE(has_fact<RunFinished>(scene.solve(node_2, first_try(1))));
}

TEST_CASE("a stream that has not ended does not finish") {
  ScheduleScene scene{"self"};
  scene.play(JobsFound{1});
  CHECK_FALSE(has_fact<RunFinished>(scene.solve(node_1, first_try(0))));
  CHECK(has_fact<RunFinished>(scene.play(DatasetEnded{})));
}

TEST_CASE("an empty dataset is finished at once") {
  for (auto const& policy : policies()) {
    ScheduleScene scene{policy.name};
    CHECK(has_fact<RunFinished>(scene.dataset(0)));
  }
}

TEST_CASE("a policy that must know N keeps the nodes waiting until the dataset has ended") {
  ScheduleScene scene{"static"};
  CHECK(scene.play(JobsFound{4}).actions.empty());
  CHECK(has_action<AssignJobs>(scene.play(DatasetEnded{})));
}

TEST_CASE("a solution that comes twice counts once") {
  ScheduleScene scene{"self"};
  scene.dataset(2);
  CHECK(has_fact<SolutionAccepted>(scene.solve(node_1, first_try(0))));
  auto const again = scene.solve(node_1, first_try(0));
  CHECK(has_fact<NewsDropped>(again));
  CHECK_FALSE(has_fact<SolutionAccepted>(again));
}

TEST_CASE("a solution from a node that was not asked is dropped") {
  ScheduleScene scene{"self"};
  scene.dataset(2);
  CHECK(has_fact<NewsDropped>(scene.solve(node_2, first_try(0))));
  CHECK(scene.dispatcher.ledger().unresolved() == 2);
}

TEST_CASE("a failed job is tried again on another node") {
  ScheduleScene scene{"self", 2, {.prefetch = 0}};
  scene.dataset(2);
  CHECK(has_fact<RetryPlanned>(scene.fail(node_1, first_try(0))));
  CHECK(scene.held[node_1].empty());
  scene.solve(node_2, first_try(1));
  CHECK(scene.held[node_2].front() == second_try(0));
}

TEST_CASE("the only node tries its failed job itself") {
  ScheduleScene scene{"self", 1};
  scene.dataset(1);
  scene.fail(node_1, first_try(0));
  CHECK(scene.held[node_1].front() == second_try(0));
}

TEST_CASE("a job that fails too often is given up, and only that one") {
  ScheduleScene scene{"self", 1, {.retries = 2}};
  scene.dataset(2);
  CHECK(has_fact<RetryPlanned>(scene.fail(node_1, {JobId{0}, Attempt{1}})));
  CHECK(has_fact<RetryPlanned>(scene.fail(node_1, {JobId{0}, Attempt{2}})));
  auto const last = scene.fail(node_1, {JobId{0}, Attempt{3}});
  REQUIRE(has_fact<JobGivenUp>(last));
  CHECK(std::get<JobGivenUp>(last.facts.front()).failures == 3);
  CHECK(has_fact<RunFinished>(scene.solve(node_1, first_try(1))));
}

TEST_CASE("with no retries the first failure is the last") {
  ScheduleScene scene{"self", 1, {.retries = 0}};
  scene.dataset(1);
  auto const step = scene.fail(node_1, first_try(0));
  CHECK(has_fact<JobGivenUp>(step));
  CHECK(has_fact<RunFinished>(step));
}

TEST_CASE("a lost node's jobs go to others, and nothing of it counts as a failure") {
  ScheduleScene scene{"self", 2, {.retries = 0, .prefetch = 1}};
  scene.dataset(4);
  scene.lose(node_1);
  while (!scene.held[node_2].empty()) scene.solve_next(node_2);
  CHECK(scene.dispatcher.ledger().finished());
}

TEST_CASE("a lost node's block goes to others") {
  ScheduleScene scene{"static", 2};
  scene.dataset(100);
  scene.lose(node_1);
  while (!scene.held[node_2].empty()) scene.solve_next(node_2);
  CHECK(scene.dispatcher.ledger().finished());
}

TEST_CASE("a node that is lost before the first job leaves no hole in the dataset") {
  for (auto const* const policy : {"static", "cyclic"}) {
    ScheduleScene scene{policy, 3};
    scene.lose(node_1);
    scene.dataset(9);
    while (!scene.held[node_2].empty()) scene.solve_next(node_2);
    while (!scene.held[node_3].empty()) scene.solve_next(node_3);
    INFO(policy);
    CHECK(scene.dispatcher.ledger().finished());
  }
}

TEST_CASE("a lost node's late solution is dropped while another node tries the job again") {
  ScheduleScene scene{"self", 2, {.prefetch = 0}};
  scene.dataset(2);
  scene.lose(node_1);
  CHECK(has_fact<NewsDropped>(scene.solve(node_1, first_try(0))));
  scene.solve(node_2, first_try(1));
  CHECK(has_fact<RunFinished>(scene.solve(node_2, second_try(0))));
}

TEST_CASE("without any node left the run is stranded, and says how much is undone") {
  ScheduleScene scene{"self", 1};
  scene.dataset(5);
  auto const step = scene.lose(node_1);
  REQUIRE(has_fact<RunStranded>(step));
  CHECK(std::get<RunStranded>(step.facts.front()).unresolved == 5);
}

TEST_CASE("a node leaves after its share, and others do the rest") {
  ScheduleScene scene{"cyclic", 2, {.max_jobs_per_node = 3}};
  scene.dataset(5);
  for (int i = 0; i < 2; ++i) scene.solve_next(node_1);
  CHECK(has_action<DismissNode>(scene.solve_next(node_1)));
  while (!scene.held[node_2].empty()) scene.solve_next(node_2);
  CHECK(scene.dispatcher.ledger().finished());
}

TEST_CASE("when all have had their share and jobs are left, the run is stranded") {
  ScheduleScene scene{"self", 1, {.max_jobs_per_node = 2}};
  scene.dataset(3);
  scene.solve_next(node_1);
  CHECK(has_fact<RunStranded>(scene.solve_next(node_1)));
}

TEST_CASE("a node that joins late shares what is common") {
  ScheduleScene scene{"self", 1};
  scene.dataset(100);
  scene.play(NodeJoined{node_2});
  CHECK(scene.held[node_2].size() == 2);
}

TEST_CASE("ten million jobs cost no more than what is in flight") {
  for (auto const* const policy : {"static", "cyclic", "self", "guided", "auto"}) {
    ScheduleScene scene{policy, 0};
    for (std::uint32_t i = 1; i <= 4; ++i) static_cast<void>(scene.dispatcher.on(NodeJoined{NodeId{i}}, {}));
    // The scene's own record of so many jobs would be the larger one: the dispatcher is driven directly.
    std::map<NodeId, std::deque<JobRun>> held;
    std::size_t most_runs = 0;
    auto const play = [&](Event const& event) {
      for (auto const& action : scene.dispatcher.on(event, {}).actions)
        if (auto const* const assign = std::get_if<AssignJobs>(&action))
          held[assign->node].insert(held[assign->node].end(), assign->runs.begin(), assign->runs.end());
      most_runs = std::max(most_runs, scene.dispatcher.ledger().runs_in_flight());
    };
    play(JobsFound{10'000'000});
    play(DatasetEnded{});
    for (std::uint64_t i = 0; i < 20'000; ++i) {
      auto const node = NodeId{static_cast<std::uint32_t>(i % 4 + 1)};
      auto& run = held[node].front();
      JobAttempt const name{run.first, run.attempt};
      run.first = run.first.next();
      if (--run.count == 0) held[node].pop_front();
      play(SolutionArrived{node, name, std::chrono::milliseconds{1}});
    }
    INFO(policy);
    CHECK(most_runs < 100);
  }
}

/// Nodes that solve, fail, leave and are lost in an order drawn from the seed: every job must be resolved exactly once.
void play_at_random(std::string_view policy, std::uint64_t jobs, std::uint32_t nodes, std::uint64_t seed) {
  std::mt19937_64 random{seed};
  ScheduleScene scene{policy, nodes, {.retries = 3}};
  std::map<std::uint64_t, int> resolved;
  auto const count = [&](Step const& step) {
    for (auto const& fact : step.facts) {
      if (auto const* const accepted = std::get_if<SolutionAccepted>(&fact)) ++resolved[accepted->name.job.value()];
      if (auto const* const given_up = std::get_if<JobGivenUp>(&fact)) ++resolved[given_up->name.job.value()];
    }
  };
  for (std::uint64_t found = 0; found < jobs;) {
    found = std::min(jobs, found + 1 + random() % 100);
    scene.play(JobsFound{found});
  }
  scene.play(DatasetEnded{});
  auto left = nodes;
  while (!scene.dispatcher.ledger().finished()) {
    auto const node = NodeId{static_cast<std::uint32_t>(random() % nodes + 1)};
    if (left > 1 && scene.held.contains(node) && random() % 500 == 0) {
      scene.lose(node);
      --left;
    } else if (scene.held.contains(node) && !scene.held[node].empty()) {
      auto const name = scene.held[node][random() % scene.held[node].size()];
      count(random() % 5 == 0 ? scene.fail(node, name) : scene.solve(node, name, Duration{random() % 2'000'000}));
    }
  }
  CHECK(resolved.size() == jobs);
  CHECK(std::all_of(resolved.begin(), resolved.end(), [](auto const& job) { return job.second == 1; }));
}

TEST_CASE("every job is resolved exactly once, whatever fails and whoever is lost") {
  for (auto const& policy : policies())
    for (std::uint32_t const nodes : {1U, 2U, 3U, 7U})
      for (std::uint64_t const jobs : {std::uint64_t{0}, std::uint64_t{1}, std::uint64_t{nodes} - 1,
                                       std::uint64_t{nodes}, std::uint64_t{nodes} + 1, std::uint64_t{1000}})
        for (std::uint64_t seed = 0; seed < 3; ++seed) {
          INFO(policy.name << ", " << nodes << " nodes, " << jobs << " jobs, seed " << seed);
          play_at_random(policy.name, jobs, nodes, seed);
        }
}

TEST_CASE("the same events make the same steps") {
  auto const play = [] {
    ScheduleScene scene{"auto", 3};
    scene.dataset(500);
    std::mt19937_64 random{7};
    while (!scene.dispatcher.ledger().finished()) {
      auto const node = NodeId{static_cast<std::uint32_t>(random() % 3 + 1)};
      if (!scene.held[node].empty()) scene.solve(node, scene.held[node].front(), Duration{random() % 100'000});
    }
    return scene.chunks;
  };
  CHECK(play() == play());
}

}  // namespace ballast
