// A computing node's side of the conversation, over a wire in this process.
#include "runtime/computing_node.hpp"

#include <algorithm>
#include <chrono>
#include <functional>
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
  struct Stateful : Squares {
    std::vector<std::shared_ptr<Payload const>> state() { return {}; }
    void take(std::vector<std::shared_ptr<Payload const>> parts) {
      taken = std::move(parts);
      if (when_taken) when_taken();
    }
    std::vector<std::shared_ptr<Payload const>> taken;
    std::function<void()> when_taken;
  };
  Stateful squares{};
  AuthoredProblem<Stateful> problem{squares};
  StateStore kept;
  std::pair<std::unique_ptr<Wire>, std::unique_ptr<Wire>> wire{make_wire_in_process(node_1)};
  Exchange exchange{*wire.first, run, {node_1}};
  ComputingNode node{*wire.second, {node_1, 2, {}, {}}, &problem, RunOptions{.solvers = 0U}, kept};
  std::vector<Message> heard;
  Time now{1h};

  explicit NodeScene(Begin const& first = begin()) {
    exchange.tell(node_1, first);
    go_on();
    REQUIRE(!heard.empty());
    if (first.state.empty()) REQUIRE(std::holds_alternative<Ready>(heard.back()));
  }

  /// Sends it what it says it needs.
  void supply(std::vector<Payload> const& parts) {
    for (auto const part : std::get<Needs>(heard.back()).parts)
      exchange.supply(node_1, part, std::make_shared<Payload const>(parts.at(part)));
    go_on();
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

Begin begin_with(std::vector<Payload> const& parts) {
  auto begin = ballast::begin();
  for (auto const& part : parts) begin.state.push_back(part_of(part));
  return begin;
}

std::vector<Payload> bytes_of(std::vector<std::shared_ptr<Payload const>> const& parts) {
  std::vector<Payload> bytes;
  for (auto const& part : parts) bytes.push_back(*part);
  return bytes;
}

}  // namespace

TEST_CASE("a node is not ready before it has the whole state, which then is in its object") {
  std::vector<Payload> const parts{Payload(3 * frame_bytes + 5, 'a'), "", "small", Payload(3 * frame_bytes + 5, 'a')};
  NodeScene scene{begin_with(parts)};
  CHECK(std::get<Needs>(scene.heard.front()).parts == std::vector<std::uint32_t>{0, 2});
  scene.supply(parts);
  CHECK(scene.count<Ready>() == 1);
  CHECK(bytes_of(scene.squares.taken) == parts);
  scene.exchange.assign(node_1, {{JobId{0}, 3, Attempt{1}}});
  scene.go_on();
  CHECK(scene.solved().size() == 3);
}

TEST_CASE("a part of the state that is not for this node is neither asked for nor there") {
  auto begin = begin_with({"mine", "mine, too"});
  begin.state.insert(begin.state.begin() + 1, std::nullopt);
  NodeScene scene{begin};
  CHECK(std::get<Needs>(scene.heard.front()).parts == std::vector<std::uint32_t>{0, 2});
  scene.supply({"mine", "not mine", "mine, too"});
  REQUIRE(scene.squares.taken.size() == 3);
  CHECK(*scene.squares.taken[0] == "mine");
  CHECK(scene.squares.taken[1] == nullptr);
  CHECK(*scene.squares.taken[2] == "mine, too");
}

TEST_CASE("a node that begins again asks only for what is new, and forgets what is not named any more") {
  NodeScene scene{begin_with({"large", "first"})};
  scene.supply({"large", "first"});
  auto const large = scene.squares.taken.front();
  scene.exchange.tell(node_1, begin_with({"large", "second"}));
  scene.go_on();
  CHECK(std::get<Needs>(scene.heard.back()).parts == std::vector<std::uint32_t>{1});
  scene.supply({"large", "second"});
  CHECK(scene.squares.taken.front() == large);
  CHECK(scene.kept.find(part_of("first")) == nullptr);
  scene.exchange.tell(node_1, begin_with({"second"}));
  scene.go_on();
  CHECK(std::get<Needs>(scene.heard.at(scene.heard.size() - 2)).parts.empty());
  CHECK(scene.count<Ready>() == 3);
  CHECK(bytes_of(scene.squares.taken) == std::vector<Payload>{"second"});
}

TEST_CASE("a node says that it lives before it prepares itself, which may take long") {
  NodeScene scene;
  bool said = false;
  scene.squares.when_taken = [&] { said = std::holds_alternative<Needs>(scene.heard.back()); };
  scene.exchange.tell(node_1, begin());
  scene.go_on();
  CHECK(said);
  CHECK(std::holds_alternative<Ready>(scene.heard.back()));
}

TEST_CASE("a state that is cut off by another Begin leaves nothing behind") {
  std::vector<Payload> const parts{"abcdef"};
  NodeScene scene{begin_with(parts)};
  scene.exchange.tell(node_1, StatePiece{run, 0, "abc"});
  scene.exchange.tell(node_1, begin_with(parts));
  scene.go_on();
  scene.supply(parts);
  CHECK(scene.count<Ready>() == 1);
  CHECK(bytes_of(scene.squares.taken) == parts);
}

TEST_CASE("a piece of a state that does not fit is an error that names the part") {
  for (auto const& piece : {StatePiece{run, 1, "abc"}, StatePiece{run, 0, "abcdefg"}, StatePiece{run, 0, ""},
                            StatePiece{run, 0, "ABCDEF"}, StatePiece{run, 9, "x"}}) {
    NodeScene scene{begin_with({"abcdef", "xyz"})};
    scene.exchange.tell(node_1, piece);
    CHECK_THROWS_WITH(scene.go_on(), Catch::Contains("part " + std::to_string(piece.part)));
  }
}

TEST_CASE("a state that claims to be huge takes no memory before its bytes come") {
  auto begin = ballast::begin();
  begin.state.emplace_back(StatePart{Digest{1}, UINT64_MAX / 2});
  NodeScene scene{begin};
  scene.exchange.tell(node_1, StatePiece{run, 0, "abc"});
  scene.go_on();
  CHECK(scene.count<Ready>() == 0);
}

TEST_CASE("what take throws makes a node that cannot work, not a dead one") {
  struct Choosy : Problem {
    std::string identity() const override { return {}; }
    Splitter split() override { return {}; }
    std::unique_ptr<Joiner> join() override { return {}; }
    void solve(AttemptContext const&, std::string_view, SolutionSink&) override {}
    void take(std::vector<std::shared_ptr<Payload const>>) override { throw InputOutputError{"not this", "", ""}; }
  } problem;
  auto const [main_end, node_end] = make_wire_in_process(node_1);
  StateStore kept;
  ComputingNode node{*node_end, {node_1, 2, {}, {}}, &problem, RunOptions{}, kept};
  main_end->send(node_1, encode_message(begin()));
  static_cast<void>(node.step(Time{}));
  REQUIRE(std::holds_alternative<Needs>(decode_message(main_end->receive()->frame)));
  static_cast<void>(node.step(Time{}));
  auto const answer = decode_message(main_end->receive()->frame);
  REQUIRE(std::holds_alternative<Refused>(answer));
  CHECK(std::get<Refused>(answer).kind == Refusal::inability);
  CHECK(std::get<Refused>(answer).reason == "not this");
}

TEST_CASE("a node that is being sent its state gives signs of life") {
  NodeScene scene{begin_with({"abcdef"})};
  scene.pass(2600ms);
  CHECK(scene.count<Alive>() == 1);
}

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
  scene.heard.clear();
  scene.exchange.tell(node_1, Dismiss{run});
  scene.exchange.recall(node_1, 1);
  scene.exchange.cancel(node_1, {JobId{1}, Attempt{1}});
  scene.go_on();
  CHECK(scene.heard.empty());
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
  CHECK(std::get<Ready>(scene.heard.back()).inside);
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
