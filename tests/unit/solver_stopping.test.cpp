// How a command is ended for its time, or because nobody waits for it: asked first, killed then.
#include <csignal>
#include <filesystem>

#include "ballast/solver/command.hpp"
#include "solver/solver_pool.hpp"
#include "support/catch.hpp"
#include "support/process_list.hpp"
#include "support/solver_scene.hpp"
#include "support/temporary_folder.hpp"

using namespace ballast;
using namespace ballast::testing;
using namespace std::chrono_literals;

namespace {

/// A shell script as a task, in a solver process.
struct TaskScene {
  TaskScene() : pool{make_process_pool(solver, NodeId{1}, 1)} {}

  /// Waits for a solver, and gives it the script.
  void start(std::string const& script) {
    while (pool->idle() == 0) look();
    pool->start({{JobId{0}, Attempt{1}}, {}, script}, Clock::now());
  }
  /// Sets the limit when the script has made the file `ready`, however slow the machine is. Once more if nothing is
  /// kept: a busy one may take longer than the pool waits for that.
  void end_when_ready(std::string const& script) {
    for (int turn = 0; turn < 5 && !(failed && failed->remains); ++turn) {
      failed.reset();
      std::filesystem::remove(folder / "ready");
      pool->limit(std::nullopt);
      start(script);
      while (!std::filesystem::exists(folder / "ready")) look();
      pool->limit(1ms);
      look_for(1min);
    }
  }
  /// Until the attempt has ended, or for so long.
  void look_for(Duration at_most) {
    for (auto const end = Clock::now() + at_most; Clock::now() < end && !failed && !solved;) look();
  }
  void look() {
    pool->wait(5ms);
    for (auto& news : pool->poll(Clock::now())) {
      if (auto* const one = std::get_if<Failed>(&news)) failed = std::move(*one);
      if (std::holds_alternative<Solved>(news)) solved = true;
    }
  }

  TemporaryFolder folder;
  TaskSolver tasks;
  FunctionSolver solver{[this](AttemptContext const& context, std::string_view job, SolutionSink& solution) {
    tasks.solve(context, {"/bin/sh", "-c", "cd '" + folder.path().string() + "'; " + std::string{job}}, solution);
  }};
  std::unique_ptr<SolverPool> pool;
  std::optional<Failed> failed;
  bool solved{false};
};

}  // namespace

TEST_CASE("a command past its time limit may say goodbye, and what it has printed is kept") {
  TaskScene scene;
  scene.end_when_ready("trap 'echo bye; exit 9' TERM; echo hello; sleep 1000 & touch ready; wait");
  REQUIRE(scene.failed);
  CHECK(scene.failed->failure.kind == FailureKind::timed_out);
  CHECK(scene.failed->failure.reason == "ran longer than 1 ms");
  CHECK(scene.failed->remains == "hello\nbye\n");
  REQUIRE(scene.failed->account);
  CHECK(scene.failed->account->exit_value == -1);
  CHECK(scene.failed->account->signal == SIGTERM);
}

TEST_CASE("a command that does not listen to SIGTERM is killed, with all that it has started") {
  TaskScene scene;
  scene.end_when_ready("trap '' TERM; echo deaf; sleep 1000 & touch ready; while :; do sleep 1000; done");
  REQUIRE(scene.failed);
  CHECK(scene.failed->failure.kind == FailureKind::timed_out);
  CHECK(scene.failed->remains == "deaf\n");
  scene.pool->limit(std::nullopt);
  scene.start("echo next");  // by the same solver
  scene.failed.reset();
  scene.look_for(1min);
  CHECK(scene.solved);
}

TEST_CASE("nobody hears of an attempt that is not wanted any more, and its solver goes on with the next") {
  TaskScene scene;
  scene.start("trap 'exit 0' TERM; echo loser; sleep 1000 & wait");
  scene.look_for(100ms);
  scene.pool->cancel({JobId{0}, Attempt{1}});
  while (scene.pool->idle() == 0) scene.look();
  CHECK_FALSE(scene.failed);
  CHECK_FALSE(scene.solved);
  scene.start("echo next");
  scene.look_for(1min);
  CHECK(scene.solved);
}

TEST_CASE("a command is run with nothing to read, and its failure tells how it ended and what it has used") {
  TaskScene scene;
  scene.start("cat; printf half; exit 3");
  scene.look_for(1min);
  REQUIRE(scene.failed);
  CHECK(scene.failed->failure.reason == "exit status 3");
  CHECK(scene.failed->remains == "half");
  REQUIRE(scene.failed->account);
  CHECK(scene.failed->account->exit_value == 3);
  CHECK(scene.failed->account->signal == 0);
  CHECK(scene.failed->account->printed == 4);
  CHECK(scene.failed->account->peak_memory > 100'000);
  CHECK(scene.failed->account->began > std::int64_t{1'700'000'000} * 1'000'000'000);
}

TEST_CASE("a command that ends by a signal is told by its number, as GNU parallel does") {
  TaskScene scene;
  scene.start("kill -9 $$");
  scene.look_for(1min);
  REQUIRE(scene.failed);
  CHECK(scene.failed->failure.kind == FailureKind::crashed);
  REQUIRE(scene.failed->account);
  CHECK(scene.failed->account->exit_value == 0);
  CHECK(scene.failed->account->signal == SIGKILL);
}
