// What a pool of solver processes owes to its agent when a process dies, hangs or is killed.
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <fstream>
#include <random>
#include <string>

#include "ballast/core/error.hpp"
#include "ballast/solver/command.hpp"
#include "support/catch.hpp"
#include "support/process_list.hpp"
#include "support/solver_scene.hpp"

using namespace ballast;
using namespace ballast::testing;
using namespace std::chrono_literals;

namespace {

[[noreturn]] void hang() {
  for (;;) ::pause();
}

void overwrite_shared_memory() {
  std::ifstream maps{"/proc/self/maps"};
  for (std::string line; std::getline(maps, line);) {
    if (line.find(" rw-s ") == std::string::npos || line.find("/dev/zero") == std::string::npos) continue;
    std::size_t after = 0;
    auto const begin = std::stoul(line, &after, 16);
    auto const end = std::stoul(line.substr(after + 1), nullptr, 16);
    if (end - begin < 100'000) continue;
    for (auto at = begin; at < end; ++at) *reinterpret_cast<unsigned char*>(at) = static_cast<unsigned char>(at);
  }
}

/// Does what the job says, and answers "well" to everything else.
void obey(AttemptContext const&, std::string_view job, SolutionSink& solution) {
  if (job == "throw") throw std::runtime_error{"no such luck"};
  if (job == "throw 7") throw 7;
  if (job == "time out") throw AttemptFailed{FailureKind::timed_out, "its own limit"};
  if (job == "exit") std::exit(3);
  if (job == "abort") std::abort();
  if (job == "segfault") ::raise(SIGSEGV);
  if (job == "kill") ::raise(SIGKILL);
  if (job == "hang") hang();
  if (job == "spin") {
    for (auto const end = Clock::now() + 1h; Clock::now() < end;) {
    }
  }
  if (job == "scribble") {
    overwrite_shared_memory();
    hang();
  }
  if (job == "write, then die") {
    solution.write(std::string(3 << 20, 'x'));
    ::raise(SIGKILL);
  }
  solution.write("well");
}

pid_t nursery_of_this_process() {
  auto const children = children_of(::getpid());
  REQUIRE(children.size() == 1);
  return children.front();
}

std::vector<pid_t> solvers_of_this_process() { return children_of(nursery_of_this_process()); }

}  // namespace

TEST_CASE("a solver that throws fails its attempt and lives on") {
  Scene scene{obey};
  scene.await_all(1);
  auto const before = solvers_of_this_process();
  CHECK(as_text(scene.agent.run("throw")) == "refused: no such luck");
  CHECK(as_text(scene.agent.run("throw 7")) == "refused: threw something that is not a std::exception");
  CHECK(as_text(scene.agent.run("time out")) == "timed out: its own limit");
  CHECK(as_text(scene.agent.run("greet")) == "well");
  CHECK(solvers_of_this_process() == before);
}

TEST_CASE("a solver that exits or dies costs one attempt, and says how it went") {
  auto const [order, reason] = GENERATE(table<char const*, char const*>({
      {"exit", "crashed: exited with status 3"},
      {"abort", "crashed: killed by signal 6 (Aborted)"},
      {"segfault", "crashed: killed by signal 11 (Segmentation fault)"},
      {"kill", "crashed: killed by signal 9 (Killed)"},
      {"write, then die", "crashed: killed by signal 9 (Killed)"},
  }));
  Scene scene{obey};
  CHECK(as_text(scene.agent.run(order)) == reason);
  CHECK(as_text(scene.agent.run("greet")) == "well");
}

TEST_CASE("a solver that writes all over the shared memory takes no more than running attempts along") {
  Scene scene{obey, 2};
  scene.await_all(2);
  scene.agent.start({JobId{70}, Attempt{1}}, "scribble");
  CHECK(as_text(scene.agent.ending_of({JobId{70}, Attempt{1}})) ==
        "crashed: overwrote the memory that it shares with its agent");
  scene.agent.run("greet");  // perhaps by the other one, whose memory it was, too
  scene.await_all(2);
  CHECK(as_text(scene.agent.run("greet")) == "well");
  CHECK(as_text(scene.agent.run("greet")) == "well");
}

TEST_CASE("a solver that exits does not run what the rank has left to do at its exit") {
  static auto* const exits = static_cast<std::atomic<int>*>(
      ::mmap(nullptr, sizeof(std::atomic<int>), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0));
  std::atexit([] { ++*exits; });
  Scene scene{obey};
  CHECK(as_text(scene.agent.run("exit")) == "crashed: exited with status 3");
  CHECK(*exits == 0);
}

TEST_CASE("an attempt past its time limit is over at once, and its solver is replaced") {
  auto const order = GENERATE("hang", "spin");
  Scene scene{obey};
  scene.pool->limit(100ms);
  auto const begin = Clock::now();
  auto const ending = scene.agent.run(order);
  CHECK(as_text(ending) == "timed out: ran longer than 100 ms");
  CHECK(ending.runtime >= 100ms);
  CHECK(Clock::now() - begin < 20s);
  scene.pool->limit(std::nullopt);
  CHECK(as_text(scene.agent.run("greet")) == "well");
}

TEST_CASE("a cancelled attempt ends without news, and its solver is replaced") {
  Scene scene{obey};
  JobAttempt const endless{JobId{100}, Attempt{1}};
  scene.agent.start(endless, "spin");
  scene.agent.look();
  scene.pool->cancel({JobId{100}, Attempt{2}});
  scene.pool->cancel({JobId{101}, Attempt{1}});
  scene.pool->cancel(endless);
  scene.pool->cancel(endless);
  scene.await_all(1);
  CHECK(as_text(scene.agent.run("greet")) == "well");
  CHECK(scene.agent.endings.size() == 1);
}

TEST_CASE("a time limit that comes later holds for what is running") {
  Scene scene{obey};
  scene.agent.start({JobId{0}, Attempt{1}}, "hang");
  scene.agent.look();
  scene.pool->limit(1500ms);
  CHECK(as_text(scene.agent.ending_of({JobId{0}, Attempt{1}})) == "timed out: ran longer than 1.5 s");
}

TEST_CASE("a solver that is killed while idle is replaced without a word") {
  Scene scene{obey};
  CHECK(as_text(scene.agent.run("greet")) == "well");
  auto const before = solvers_of_this_process();
  REQUIRE(before.size() == 1);
  ::kill(before.front(), SIGKILL);
  scene.await_all(0);
  scene.await_all(1);
  CHECK(solvers_of_this_process() != before);
  CHECK(as_text(scene.agent.run("greet")) == "well");
  CHECK(scene.agent.endings.size() == 2);
}

TEST_CASE("a nursery that is killed costs the attempts that were running, and their solvers end") {
  Scene scene{obey, 2};
  scene.await_all(2);
  scene.agent.start({JobId{90}, Attempt{1}}, "hang");
  scene.agent.look();
  auto const before = descendants_of(::getpid());
  ::kill(nursery_of_this_process(), SIGKILL);
  auto const reason = as_text(scene.agent.ending_of({JobId{90}, Attempt{1}}));
  CHECK(reason == "crashed: lost with the solvers' nursery (killed by signal 9 (Killed))");
  CHECK(as_text(scene.agent.run("greet")) == "well");
  CHECK(all_end(before));
}

TEST_CASE("a nursery that is killed again and again, and nothing solved, ends the run") {
  Scene scene{obey};
  auto const kill_nursery = [&] {
    auto const nursery = nursery_of_this_process();
    ::kill(nursery, SIGKILL);
    scene.agent.look_until([&] {
      auto const children = children_of(::getpid());
      return !children.empty() && children.front() != nursery;
    });
  };
  for (int time = 0; time < 3; ++time) kill_nursery();
  CHECK(as_text(scene.agent.run("greet")) == "well");
  for (int time = 0; time < 4; ++time) kill_nursery();
  CHECK_THROWS_AS(kill_nursery(), EngineError);
}

TEST_CASE("solvers that are killed at random lose no job, and every solution is right") {
  Scene scene{[](AttemptContext const&, std::string_view job, SolutionSink& solution) {
                solution.write(std::string{job.rbegin(), job.rend()});
              },
              3};
  std::mt19937 random{11};
  std::vector<std::string> jobs;
  for (int job = 0; job < 2000; ++job) jobs.push_back(std::string(random() % 3000, 'a') + std::to_string(job));
  std::vector<JobAttempt> to_do;
  for (std::uint64_t job = 0; job < jobs.size(); ++job) to_do.push_back({JobId{job}, Attempt{1}});
  std::size_t solved = 0, kills = 0;
  while (solved < jobs.size()) {
    while (scene.pool->idle() > 0 && !to_do.empty()) {
      scene.agent.start(to_do.back(), jobs[to_do.back().job.value()]);
      to_do.pop_back();
    }
    if (auto const solvers = solvers_of_this_process(); solved >= 40 * kills && !solvers.empty()) {
      kills += ::kill(solvers[random() % solvers.size()], SIGKILL) == 0;
    }
    scene.agent.look_until([&] { return !scene.agent.endings.empty() || scene.pool->idle() > 0; });
    for (auto const& [name, ending] : std::exchange(scene.agent.endings, {})) {
      auto const& job = jobs[name.job.value()];
      if (ending.failure) {
        to_do.push_back({name.job, name.attempt.next()});
      } else {
        REQUIRE((ending.solution == std::string{job.rbegin(), job.rend()}));
        ++solved;
      }
    }
  }
  CHECK(solved == jobs.size());
  CHECK(kills > 10);  // how many there is time for depends on the machine
}

TEST_CASE("a pool that is destroyed leaves no process, whatever its solvers do") {
  auto const order = GENERATE("greet", "hang", "spin");
  std::vector<Process> family;
  Time begin;
  {
    Scene scene{obey, 3};
    scene.await_all(3);
    scene.agent.start({JobId{0}, Attempt{1}}, order);
    scene.agent.look();
    family = descendants_of(::getpid());
    REQUIRE(family.size() == 4);
    begin = Clock::now();
  }
  CHECK(Clock::now() - begin < 10s);
  for (auto const& process : family) CHECK_FALSE(runs(process.id));
  CHECK(descendants_of(::getpid()).empty());
}

TEST_CASE("a rank that is killed takes its nursery, its solvers and their commands along") {
  auto const rank = ::fork();
  if (rank == 0) {
    CommandSolver solver{{.argv = {"sh", "-c", "sleep 300 & setsid sleep 300 & sleep 300"}}};
    auto const pool = make_process_pool(solver, NodeId{1}, 1);
    SmallAgent{*pool}.run("");
    ::_exit(0);
  }
  REQUIRE(comes_true([&] { return ids_of(descendants_of(rank), "sleep").size() == 3; }));
  auto const family = descendants_of(rank);
  ::kill(rank, SIGKILL);
  ::waitpid(rank, nullptr, 0);
  CHECK(family.size() == 6);
  CHECK(all_end(family));
}

TEST_CASE("a rank that is killed takes the command along that it runs without a solver process") {
  auto const rank = ::fork();
  if (rank == 0) {
    CommandSolver solver{{.argv = {"sleep", "300"}}};
    auto const pool = make_inline_pool(solver, NodeId{1});
    SmallAgent{*pool}.run("");
    ::_exit(0);
  }
  REQUIRE(comes_true([&] { return ids_of(descendants_of(rank), "sleep").size() == 1; }));
  auto const family = descendants_of(rank);
  ::kill(rank, SIGKILL);
  ::waitpid(rank, nullptr, 0);
  CHECK(all_end(family));
}

TEST_CASE("what a killed solver's command has started is ended, however far it ran") {
  CommandSolver solver{{.argv = {"sh", "-c", "sleep 300 & setsid sleep 300 & sleep 300"}}};
  auto const pool = make_process_pool(solver, NodeId{1}, 1);
  SmallAgent agent{*pool};
  agent.start({JobId{0}, Attempt{1}}, "");
  REQUIRE(comes_true([&] { return ids_of(descendants_of(::getpid()), "sleep").size() == 3; }));
  auto const victim = GENERATE("ballast-solver", "ballast-nursery", "time limit");
  auto family = descendants_of(::getpid());
  if (std::string{victim} == "time limit") {
    pool->limit(1ms);
  } else {
    ::kill(ids_of(family, victim).front(), SIGKILL);
  }
  CHECK(agent.ending_of({JobId{0}, Attempt{1}}).failure);
  std::erase_if(family, [](Process const& process) { return process.name.starts_with("ballast-"); });
  CHECK(family.size() == 4);
  CHECK(all_end(family));
}
