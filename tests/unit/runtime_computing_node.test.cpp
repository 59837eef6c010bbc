// A computing node's side of the conversation, over a wire in this process.
#include "runtime/computing_node.hpp"

#include <algorithm>
#include <chrono>
#include <thread>

#include "ballast/runtime/session.hpp"
#include "runtime/exchange.hpp"
#include "support/catch.hpp"
#include "support/squares.hpp"

namespace ballast {
namespace {

constexpr NodeId node_1{1};
constexpr RunId run{3};

/// A Main Node that a test plays, and a node that works inside the test.
struct NodeScene {
  Squares squares{.jobs = 0};
  AuthoredProblem<Squares> problem{squares};
  std::pair<std::unique_ptr<Wire>, std::unique_ptr<Wire>> wire{make_wire_in_process(node_1)};
  Exchange exchange{*wire.first, run, {node_1}};
  ComputingNode node{*wire.second, {node_1, 2, {}, {}}, &problem, RunOptions{.solvers = 0U}};
  std::vector<Message> heard;

  NodeScene() {
    exchange.tell(node_1, Begin{run, version(), {}, ".", {}});
    go_on();
    REQUIRE(heard.size() == 1);
    REQUIRE(std::holds_alternative<Ready>(heard.front()));
  }

  /// Both do what they can.
  void go_on() {
    for (bool busy = true; busy;) {
      busy = exchange.send(Outbox::NextJob::load, [](JobId job) { return encode(Squares::Job{job.value()}); });
      while (auto arrival = exchange.receive()) heard.push_back(std::move(arrival->message));
      busy |= node.step();
    }
  }

  [[nodiscard]] std::vector<std::uint64_t> solved() const {
    std::vector<std::uint64_t> jobs;
    for (auto const& message : heard)
      if (auto const* const report = std::get_if<Report>(&message))
        for (auto const& news : report->news)
          if (auto const* const one = std::get_if<Solved>(&news)) jobs.push_back(one->name.job.value());
    return jobs;
  }
};

}  // namespace

TEST_CASE("a node that is asked to give back what it has solved answers with nothing") {
  NodeScene scene;
  scene.exchange.assign(node_1, {{JobId{0}, 3, Attempt{1}}});
  scene.go_on();
  CHECK(scene.solved() == std::vector<std::uint64_t>{0, 1, 2});
  scene.exchange.recall(node_1, 2);
  CHECK_FALSE(scene.exchange.release());
  scene.go_on();
  auto const release = scene.exchange.release();
  REQUIRE(release);
  CHECK(release->runs.empty());
}

TEST_CASE("a node solves the jobs that it has not given back, and those only") {
  NodeScene scene;
  scene.squares.before_solve = [&](AttemptContext const& context) {
    if (context.name.job != JobId{0}) return;
    // While it computes, the Main Node asks for two of the jobs that wait behind.
    scene.exchange.recall(node_1, 2);
    static_cast<void>(scene.exchange.send(Outbox::NextJob::wait, {}));
    std::this_thread::sleep_for(std::chrono::milliseconds{1});  // longer than a turn of the agent
  };
  scene.exchange.assign(node_1, {{JobId{0}, 5, Attempt{1}}});
  scene.go_on();
  auto const release = scene.exchange.release();
  REQUIRE(release);
  CHECK(release->runs == JobRuns{{JobId{3}, 2, Attempt{1}}});
  auto const solved = scene.solved();
  CHECK(std::find(solved.begin(), solved.end(), 2) != solved.end());
  CHECK(std::find(solved.begin(), solved.end(), 3) == solved.end());
}

TEST_CASE("a node that has left asks nobody to wait for its answer") {
  NodeScene scene;
  scene.exchange.tell(node_1, Dismiss{run});
  scene.exchange.recall(node_1, 1);
  scene.exchange.cancel(node_1, {JobId{1}, Attempt{1}});
  scene.go_on();
  CHECK(scene.heard.size() == 1);
  CHECK_FALSE(scene.exchange.release());
}

}  // namespace ballast
