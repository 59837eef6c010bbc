// The Main Node's memory with many computing nodes and large jobs.
#include "runtime/exchange.hpp"

#include <deque>
#include <set>
#include <utility>

#include "support/catch.hpp"

namespace ballast {
namespace {

/// A wire that takes one frame per node, and delivers it when the test says so.
class StuckWire final : public Wire {
 public:
  void abandon(NodeId) override {}
  bool clear(NodeId to) override { return !busy.contains(to); }
  void send(NodeId to, std::string) override { busy.insert(to); }
  std::optional<Received> receive() override { return {}; }

  std::set<NodeId> busy;
};

constexpr NodeId node_1{1};

template <class Kind>
std::size_t index_of() {
  return Message{Kind{}}.index();
}

/// A wire that keeps what is sent, and delivers what the test has put into its inbox.
class OpenWire final : public Wire {
 public:
  void abandon(NodeId) override { abandoned = true; }
  bool clear(NodeId) override { return true; }
  void send(NodeId, std::string frame) override { sent.push_back(decode_message(frame)); }
  std::optional<Received> receive() override {
    if (inbox.empty()) return {};
    auto frame = std::move(inbox.front());
    inbox.pop_front();
    return Received{node_1, std::move(frame)};
  }

  std::vector<Message> sent;
  std::deque<std::string> inbox;
  bool abandoned{false};
};

struct RecallScene {
  OpenWire wire;
  Exchange exchange{wire, RunId{}, {node_1}};

  void hear() {
    while (exchange.receive()) {
    }
  }
  /// How many messages are handed on of this one that arrives.
  std::size_t heard(Message const& message) {
    wire.inbox.push_back(encode_message(message));
    std::size_t count = 0;
    while (exchange.receive()) ++count;
    return count;
  }

  /// The kinds of what was sent since it was asked last.
  std::vector<std::size_t> sent_kinds() {
    send();
    std::vector<std::size_t> kinds;
    for (auto const& message : std::exchange(wire.sent, {})) kinds.push_back(message.index());
    return kinds;
  }

  /// Sends all that can be sent; jobs are one byte each.
  void send(Outbox::NextJob next = Outbox::NextJob::load) {
    while (exchange.send(
        next, [](JobId) { return Payload{"x"}; }, Time{})) {
    }
  }
};

}  // namespace

TEST_CASE("a recall of jobs that are not sent yet is answered here, and the node hears nothing of it") {
  RecallScene scene;
  scene.exchange.assign(node_1, {{JobId{0}, 10, Attempt{1}}});
  CHECK_FALSE(scene.exchange.release());
  scene.exchange.recall(node_1, 4);
  auto const release = scene.exchange.release();
  REQUIRE(release);
  CHECK(release->from == node_1);
  CHECK(release->runs == JobRuns{{JobId{6}, 4, Attempt{1}}});
  CHECK_FALSE(scene.exchange.release());
  scene.send();
  REQUIRE(scene.wire.sent.size() == 1);
  CHECK(std::get<Jobs>(scene.wire.sent.front()).pieces.size() == 6);
}

TEST_CASE("a recall that the node has to answer, too, is one release of both parts") {
  RecallScene scene;
  scene.exchange.assign(node_1, {{JobId{0}, 10, Attempt{1}}});
  scene.send();
  scene.exchange.assign(node_1, {{JobId{10}, 2, Attempt{1}}});
  scene.exchange.recall(node_1, 5);
  CHECK_FALSE(scene.exchange.release());
  scene.send();
  CHECK(std::get<Recall>(scene.wire.sent.back()).count == 3);
  JobAttempt const eight{JobId{8}, Attempt{1}};
  JobAttempt const nine{JobId{9}, Attempt{1}};
  scene.wire.inbox.push_back(encode_message(Released{RunId{}, 0, {eight, nine}}));
  scene.hear();
  auto const release = scene.exchange.release();
  REQUIRE(release);
  CHECK(release->runs == JobRuns{{JobId{8}, 2, Attempt{1}}, {JobId{10}, 2, Attempt{1}}});
}

TEST_CASE("a node that has nothing to give back makes an empty release, once per recall") {
  RecallScene scene;
  scene.exchange.recall(node_1, 1);
  scene.exchange.recall(node_1, 2);
  scene.wire.inbox.push_back(encode_message(Released{RunId{}, 0, {}}));
  scene.wire.inbox.push_back(encode_message(Released{RunId{}, 0, {{JobId{3}, Attempt{1}}, {JobId{4}, Attempt{2}}}}));
  scene.hear();
  CHECK(scene.exchange.release()->runs.empty());
  CHECK(scene.exchange.release()->runs == JobRuns{{JobId{3}, 1, Attempt{1}}, {JobId{4}, 1, Attempt{2}}});
}

TEST_CASE("jobs given back by a node that was not asked are an error") {
  RecallScene scene;
  scene.wire.inbox.push_back(encode_message(Released{RunId{}, 0, {}}));
  CHECK_THROWS_AS(scene.exchange.receive(), EngineError);
}

TEST_CASE("what a node gives back makes room for others on their way to it") {
  RecallScene scene;
  scene.exchange.assign(node_1, {{JobId{0}, 100'000, Attempt{1}}});
  scene.send();
  auto const before = scene.wire.sent.size();
  scene.exchange.recall(node_1, 100'000);
  scene.exchange.assign(node_1, {{JobId{200'000}, 1, Attempt{1}}});
  scene.send();
  CHECK(scene.wire.sent.size() == before + 1);  // the window is closed: only the recall went
  scene.wire.inbox.push_back(encode_message(Released{RunId{}, 10 * queue_bytes(1), {}}));
  scene.hear();
  scene.send();
  CHECK(std::get<Jobs>(scene.wire.sent.back()).pieces.front().name.job == JobId{200'000});
}

TEST_CASE("a job cancelled before it is sent is dropped, one that is under way is cancelled by message") {
  RecallScene scene;
  scene.exchange.assign(node_1, {{JobId{0}, 1, Attempt{1}}});
  scene.send();
  scene.exchange.assign(node_1, {{JobId{1}, 2, Attempt{1}}});
  scene.exchange.cancel(node_1, {JobId{0}, Attempt{1}});
  scene.exchange.cancel(node_1, {JobId{1}, Attempt{1}});
  scene.send();
  REQUIRE(scene.wire.sent.size() == 3);
  CHECK(std::get<Cancel>(scene.wire.sent[1]).name == JobAttempt{JobId{0}, Attempt{1}});
  REQUIRE(std::get<Jobs>(scene.wire.sent[2]).pieces.size() == 1);
  CHECK(std::get<Jobs>(scene.wire.sent[2]).pieces.front().name.job == JobId{2});
  CHECK(scene.exchange.messages() == 3);
}

TEST_CASE("large jobs are loaded one after the other, and not one for each node") {
  StuckWire wire;
  std::vector<NodeId> nodes;
  for (std::uint32_t i = 1; i <= 20; ++i) nodes.emplace_back(i);
  Exchange exchange{wire, RunId{}, nodes};
  for (auto const node : nodes) exchange.assign(node, {{JobId{node.value()}, 1, Attempt{1}}});
  int loaded = 0;
  auto const load = [&](JobId) {
    ++loaded;
    return Payload(std::size_t{70} << 20, 'x');
  };
  CHECK(exchange.send(Outbox::NextJob::load, load, Time{}));
  CHECK(loaded == 1);
  for (int frames = 0; frames < 80; ++frames) {
    wire.busy.clear();
    static_cast<void>(exchange.send(Outbox::NextJob::load, load, Time{}));
  }
  CHECK(loaded > 1);
  CHECK(loaded < 20);
}

TEST_CASE("a lost node is sent nothing, and what was on its way is given up") {
  RecallScene scene;
  scene.exchange.assign(node_1, {{JobId{0}, 10, Attempt{1}}});
  scene.exchange.tell(node_1, Limit{});
  scene.exchange.lose(node_1);
  CHECK(scene.wire.abandoned);
  scene.exchange.tell_all(End{});
  scene.exchange.keep_alive(Duration{1}, Time{std::chrono::hours{1}});
  CHECK(scene.sent_kinds().empty());
  CHECK(scene.exchange.present().empty());
}

TEST_CASE("a lost node's late news is dropped, and it is known to be back, once") {
  RecallScene scene;
  scene.exchange.lose(node_1);
  CHECK(scene.exchange.returned().empty());
  CHECK(scene.heard(Report{}) == 0);
  CHECK(scene.heard(Alive{}) == 0);
  CHECK(scene.exchange.returned() == std::vector{node_1});
  CHECK(scene.exchange.returned().empty());
}

TEST_CASE("a lost node that gives back jobs is no error, and its release is not told of") {
  RecallScene scene;
  scene.exchange.assign(node_1, {{JobId{0}, 10, Attempt{1}}});
  scene.exchange.recall(node_1, 4);
  scene.exchange.lose(node_1);
  CHECK_FALSE(scene.exchange.release());
  CHECK(scene.heard(Released{}) == 0);
  CHECK_FALSE(scene.exchange.release());
}

TEST_CASE(
    "a node that is back is begun with once, and heard only from its answer on, not from one of its former life") {
  RecallScene scene;
  Ready answer{};
  answer.call = 1;
  scene.exchange.lose(node_1);
  scene.exchange.tell(node_1, Limit{});  // of its former life
  scene.exchange.readmit(node_1, {});
  CHECK(scene.sent_kinds() == std::vector{index_of<Begin>()});
  CHECK(scene.heard(Report{}) == 0);
  CHECK(scene.heard(Released{}) == 0);
  CHECK(scene.exchange.returned().empty());
  CHECK(scene.exchange.present().empty());
  CHECK(scene.heard(Ready{}) == 0);
  CHECK(scene.heard(Needs{}) == 0);
  CHECK(scene.heard(Needs{.run = {}, .call = 1, .parts = {}}) == 1);
  CHECK(scene.heard(answer) == 1);
  CHECK(scene.exchange.present() == std::vector{node_1});
  CHECK(scene.heard(Report{}) == 1);
}

TEST_CASE("a node that is back starts with an empty queue: its window is open again") {
  RecallScene scene;
  scene.exchange.assign(node_1, {{JobId{0}, 100'000, Attempt{1}}});
  scene.send();
  scene.exchange.lose(node_1);
  scene.exchange.readmit(node_1, {});
  Ready answer{};
  answer.call = 1;
  scene.heard(answer);
  static_cast<void>(scene.sent_kinds());
  scene.exchange.assign(node_1, {{JobId{7}, 1, Attempt{2}}});
  scene.send();
  REQUIRE(scene.wire.sent.size() == 1);
  CHECK(std::get<Jobs>(scene.wire.sent.front()).pieces.front().name == JobAttempt{JobId{7}, Attempt{2}});
}

TEST_CASE("a node that is back and cannot work says so, and is there for the end") {
  RecallScene scene;
  scene.exchange.lose(node_1);
  scene.exchange.readmit(node_1, {});
  CHECK(scene.heard(Refused{}) == 1);
  static_cast<void>(scene.sent_kinds());
  scene.exchange.end(End{});
  CHECK(scene.sent_kinds().size() == 1);
}

TEST_CASE("a node that is beginning anew when the run ends is told the end, and its goodbye is heard") {
  RecallScene scene;
  scene.exchange.lose(node_1);
  scene.exchange.readmit(node_1, {});
  static_cast<void>(scene.sent_kinds());
  scene.exchange.end(End{});
  CHECK(scene.sent_kinds().size() == 1);
  CHECK(scene.exchange.present() == std::vector{node_1});
  CHECK(scene.heard(Bye{}) == 1);
}

TEST_CASE("a node that was lost in an earlier run is not heard, and brings nobody down") {
  OpenWire wire;
  Exchange exchange{wire, RunId{}, {NodeId{2}}};
  wire.inbox.push_back(encode_message(Alive{}));
  CHECK_FALSE(exchange.receive());
  CHECK(exchange.returned().empty());
}

TEST_CASE("a node that takes pieces of the state is known to live, one that takes none is not") {
  RecallScene scene;
  CHECK_FALSE(scene.exchange.supplied(node_1));
  scene.exchange.supply(node_1, 0, std::make_shared<Payload const>(2 * frame_bytes, 's'));
  scene.send();
  CHECK(scene.exchange.supplied(node_1));
  CHECK_FALSE(scene.exchange.supplied(node_1));
}

TEST_CASE("frames of another run are dropped, and bring nobody back") {
  RecallScene scene;
  CHECK(scene.heard(Report{RunId{1}, 0, {}}) == 0);
  scene.exchange.lose(node_1);
  CHECK(scene.heard(Bye{RunId{1}}) == 0);
  CHECK(scene.exchange.returned().empty());
}

TEST_CASE("a node to whom nothing was sent for a while hears that the Main Node lives") {
  RecallScene scene;
  scene.exchange.keep_alive(std::chrono::seconds{1}, Time{std::chrono::seconds{1}});
  CHECK(scene.sent_kinds().empty());
  scene.exchange.keep_alive(std::chrono::seconds{1}, Time{std::chrono::seconds{2}});
  CHECK(scene.sent_kinds() == std::vector{index_of<Alive>()});
}

}  // namespace ballast
