// What the pool inside the rank owes to its agent.
#include <string>

#include "ballast/core/contract.hpp"
#include "support/catch.hpp"
#include "support/solver_scene.hpp"

using namespace ballast;
using namespace ballast::testing;

namespace {

void obey(AttemptContext const& context, std::string_view job, SolutionSink& solution) {
  solution.diagnose("about to ");
  solution.diagnose(job);
  if (job == "throw") throw std::runtime_error{"no such luck"};
  if (job == "throw 7") throw 7;
  if (job == "crash") throw AttemptFailed{FailureKind::crashed, "it broke"};
  if (job == "large") solution.write(std::string((5 << 20) + 1, 'x'));
  if (job == "place") {
    solution.write(std::to_string(context.node.value()) + " " + std::to_string(context.solver.value()) + " " +
                   std::to_string(context.name.attempt.value()));
  }
}

struct InlineScene {
  FunctionSolver solver{obey};
  std::unique_ptr<SolverPool> pool{make_inline_pool(solver, NodeId{4})};
  SmallAgent agent{*pool};
};

}  // namespace

TEST_CASE("the pool inside the rank solves while poll() lasts, one job at a time") {
  InlineScene scene;
  CHECK(scene.pool->idle() == 1);
  scene.pool->start(Job{{JobId{6}, Attempt{2}}, Digest{8}, "place"}, Clock::now());
  CHECK(scene.pool->idle() == 0);
  CHECK_THROWS_AS(scene.pool->start(Job{}, Clock::now()), ContractViolation);
  auto const news = scene.pool->poll(Clock::now());
  REQUIRE(news.size() == 1);
  auto const& solved = std::get<Solved>(news.front());
  CHECK(solved.bytes == "4 0 2");
  CHECK(solved.digest == Digest{8});
  CHECK(solved.diagnostics == "about to place");
  CHECK(scene.pool->idle() == 1);
  CHECK(scene.pool->poll(Clock::now()).empty());
}

TEST_CASE("a solver inside the rank that throws fails its attempt, with what it said before") {
  InlineScene scene;
  CHECK(as_text(scene.agent.run("throw")) == "refused: no such luck");
  CHECK(as_text(scene.agent.run("throw 7")) == "refused: threw something that is not a std::exception");
  CHECK(as_text(scene.agent.run("crash")) == "crashed: it broke");
  CHECK(scene.agent.run("throw").diagnostics == "about to throw");
}

TEST_CASE("a large solution from inside the rank comes in pieces of a megabyte") {
  InlineScene scene;
  auto const ending = scene.agent.run("large");
  CHECK((ending.solution == std::string((5 << 20) + 1, 'x')));
  CHECK(ending.largest_piece == 1 << 20);
}

TEST_CASE("a job that waits for the pool inside the rank is forgotten when it is cancelled") {
  InlineScene scene;
  JobAttempt const name{JobId{6}, Attempt{2}};
  scene.pool->start(Job{name, Digest{8}, ""}, Clock::now());
  scene.pool->cancel({JobId{6}, Attempt{1}});
  CHECK(scene.pool->idle() == 0);
  scene.pool->cancel(name);
  CHECK(scene.pool->idle() == 1);
  CHECK(scene.pool->poll(Clock::now()).empty());
}

TEST_CASE("waiting for the pool inside the rank ends at once when there is news") {
  InlineScene scene;
  scene.pool->start(Job{{JobId{6}, Attempt{2}}, Digest{8}, ""}, Clock::now());
  auto const begin = Clock::now();
  scene.pool->wait(std::chrono::seconds{20});
  CHECK(Clock::now() - begin < std::chrono::seconds{10});
}
