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

using namespace std::chrono_literals;

Begin begin(std::string host = "", std::int64_t process = 0) {
  Begin begin{};
  begin.run = run;
  begin.build = version();
  begin.directory = ".";
  begin.host = std::move(host);
  begin.process = process;
  begin.lease = 10s;
  return begin;
}

/// A Main Node that a test plays, and a node that works inside the test.
struct NodeScene {
  Squares squares{.jobs = 0};
  AuthoredProblem<Squares> problem{squares};
  std::pair<std::unique_ptr<Wire>, std::unique_ptr<Wire>> wire{make_wire_in_process(node_1)};
  Exchange exchange{*wire.first, run, {node_1}};
  ComputingNode node{*wire.second, {node_1, 2, {}, {}}, &problem, RunOptions{.solvers = 0U}};
  std::vector<Message> heard;
  Time now{1h};

  explicit NodeScene(Begin const& first = begin()) {
    exchange.tell(node_1, first);
    go_on();
    REQUIRE(heard.size() == 1);
    REQUIRE(std::holds_alternative<Ready>(heard.front()));
  }

  /// Both do what they can.
  void go_on() {
    for (bool busy = true; busy;) {
      busy = exchange.send(
          Outbox::NextJob::load, [](JobId job) { return encode(Squares::Job{job.value()}); }, now);
      while (auto arrival = exchange.receive()) heard.push_back(std::move(arrival->message));
      busy |= node.step(now);
    }
  }

  /// Lets time pass, in turns that a node at work would make.
  void pass(Duration time) {
    for (auto const end = now + time; now < end;) {
      now += 50ms;
      go_on();
    }
  }

  template <class Kind>
  [[nodiscard]] std::size_t count() const {
    return static_cast<std::size_t>(std::count_if(
        heard.begin(), heard.end(), [](Message const& message) { return std::holds_alternative<Kind>(message); }));
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
    static_cast<void>(scene.exchange.send(Outbox::NextJob::wait, {}, Time{}));
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

TEST_CASE("a node that has nothing to say gives a sign of life every quarter of the lease") {
  NodeScene scene;
  scene.pass(2400ms);
  CHECK(scene.count<Alive>() == 0);
  scene.pass(200ms);
  CHECK(scene.count<Alive>() == 1);
  scene.pass(10s);
  CHECK(scene.count<Alive>() == 5);
}

TEST_CASE("a report is a sign of life, too") {
  NodeScene scene;
  for (std::uint64_t job = 0; job < 5; ++job) {
    scene.pass(2s);
    scene.exchange.assign(node_1, {{JobId{job}, 1, Attempt{1}}});
    scene.go_on();
  }
  CHECK(scene.count<Alive>() == 0);
  CHECK(scene.solved().size() == 5);
}

TEST_CASE("a node says that its solvers are inside: it cannot give signs of life while they compute") {
  NodeScene scene;
  CHECK(std::get<Ready>(scene.heard.front()).inside);
}

TEST_CASE("a node that has said goodbye says nothing more") {
  NodeScene scene;
  scene.exchange.tell(node_1, End{run, ExitCode::incomplete});
  scene.pass(10s);
  CHECK(scene.count<Bye>() == 1);
  CHECK(scene.count<Alive>() == 0);
  CHECK(scene.node.outcome() == ExitCode::incomplete);
}

TEST_CASE("a node that is admitted again drops what it had, and answers") {
  NodeScene scene;
  scene.squares.before_solve = [&](AttemptContext const& context) {
    if (context.name.job != JobId{0}) return;
    scene.exchange.tell(node_1, begin());
    static_cast<void>(scene.exchange.send(Outbox::NextJob::wait, {}, Time{}));
    std::this_thread::sleep_for(1ms);  // longer than a turn of the agent
  };
  scene.exchange.assign(node_1, {{JobId{0}, 5, Attempt{1}}});
  scene.go_on();
  CHECK(scene.count<Ready>() == 2);
  auto const before = scene.solved().size();
  CHECK(before < 5);
  scene.exchange.assign(node_1, {{JobId{7}, 1, Attempt{2}}});
  scene.go_on();
  CHECK(scene.solved().size() == before + 1);
  CHECK(scene.solved().back() == 7);
}

TEST_CASE("a node whose Main Node on another host is silent for three leases is an orphan") {
  NodeScene scene{begin("somewhere else", 1)};
  scene.pass(29s);
  scene.exchange.tell(node_1, Alive{run});
  scene.go_on();
  CHECK_FALSE(scene.node.orphaned());
  scene.pass(29s);
  CHECK_FALSE(scene.node.orphaned());
  scene.pass(2s);
  CHECK(scene.node.orphaned());
  CHECK_FALSE(scene.node.outcome());
}

}  // namespace ballast
