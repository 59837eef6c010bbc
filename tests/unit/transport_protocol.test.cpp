// Messages survive the wire; garbage does not pass.
#include <random>

#include "ballast/core/error.hpp"
#include "support/catch.hpp"
#include "transport/protocol.hpp"
#include "transport/wire.hpp"

namespace ballast {
namespace {

std::vector<Message> one_of_each() {
  JobAttempt const name{JobId{7}, Attempt{2}};
  Failure const failure{FailureKind::timed_out, "ran longer than 30 s", "last words\n"};
  Report report{RunId{1}, 4096, {}};
  report.news = {Started{name}, Piece{name, std::string(3, '\0')},
                 Solved{name, Digest{99}, std::chrono::milliseconds{5}, "SOLUTION", ""},
                 Failed{name, std::chrono::seconds{2}, failure}};
  return {Begin{RunId{1},
                "0.1.0",
                {"map", "x y"},
                "/home",
                {"PATH=/bin", "A=b=c"},
                "node0",
                4711,
                std::chrono::seconds{10},
                {StatePart{Digest{8}, 5'000'000}, {}, StatePart{Digest{9}, 0}},
                2},
          Ready{RunId{1}, 4, 64, "node1", true, 2},
          Refused{RunId{1}, Refusal::inability, "node1", "no such command"},
          Jobs{RunId{1}, RoundId{2}, StateId{3}, {{name, Digest{5}, 11, "first"}, {name, Digest{5}, 11, " piece"}}},
          std::move(report),
          Recall{RunId{1}, 12},
          Released{RunId{1}, 8192, {name, {JobId{9}, Attempt{1}}}},
          Released{RunId{1}, 8192, {}},
          Cancel{RunId{1}, name},
          Limit{RunId{1}, std::chrono::seconds{3}},
          Limit{RunId{1}, {}},
          Dismiss{RunId{1}},
          Broken{RunId{1}, "cannot fork"},
          End{RunId{1}, ExitCode::incomplete},
          Alive{RunId{1}},
          Bye{RunId{1}},
          Needs{RunId{1}, 2, {0, 3}},
          StatePiece{RunId{1}, 3, "a piece"}};
}

}  // namespace

TEST_CASE("every message comes back from the wire as it went") {
  for (auto const& message : one_of_each()) {
    auto const frame = encode_message(message);
    auto const back = decode_message(frame);
    CHECK(back.index() == message.index());
    CHECK(encode_message(back) == frame);
  }
  auto const begin = std::get<Begin>(decode_message(encode_message(one_of_each().front())));
  CHECK(begin.arguments == std::vector<std::string>{"map", "x y"});
  CHECK(begin.variables.back() == "A=b=c");
}

TEST_CASE("the parts of a state keep their names, places and bytes") {
  auto const messages = one_of_each();
  auto const begin = std::get<Begin>(decode_message(encode_message(messages.front())));
  CHECK(begin.state ==
        std::vector<std::optional<StatePart>>{StatePart{Digest{8}, 5'000'000}, {}, StatePart{Digest{9}, 0}});
  CHECK(begin.call == 2);
  auto const needs = std::get<Needs>(decode_message(encode_message(messages[messages.size() - 2])));
  CHECK(needs.parts == std::vector<std::uint32_t>{0, 3});
  CHECK(needs.call == 2);
  auto const piece = std::get<StatePiece>(decode_message(encode_message(messages.back())));
  CHECK(piece.part == 3);
  CHECK(piece.bytes == "a piece");
}

TEST_CASE("news keep their bytes, digests and times") {
  auto const report = std::get<Report>(decode_message(encode_message(one_of_each()[4])));
  CHECK(report.taken == 4096);
  CHECK(std::get<Piece>(report.news[1]).bytes == std::string(3, '\0'));
  auto const& solved = std::get<Solved>(report.news[2]);
  CHECK(solved.digest == Digest{99});
  CHECK(solved.runtime == std::chrono::milliseconds{5});
  CHECK(std::get<Failed>(report.news[3]).failure.reason == "ran longer than 30 s");
}

TEST_CASE("jobs that are given back keep their names, and a cancelled one its own") {
  auto const messages = one_of_each();
  CHECK(std::get<Recall>(decode_message(encode_message(messages[5]))).count == 12);
  auto const released = std::get<Released>(decode_message(encode_message(messages[6])));
  CHECK(released.taken == 8192);
  CHECK(released.names == std::vector<JobAttempt>{{JobId{7}, Attempt{2}}, {JobId{9}, Attempt{1}}});
  CHECK(std::get<Cancel>(decode_message(encode_message(messages[8]))).name == JobAttempt{JobId{7}, Attempt{2}});
}

TEST_CASE("a message cut at any byte is an error, never a message") {
  for (auto const& message : one_of_each()) {
    auto const frame = encode_message(message);
    for (std::size_t size = 0; size < frame.size(); ++size)
      CHECK_THROWS_AS(decode_message(std::string_view{frame}.substr(0, size)), EngineError);
  }
}

TEST_CASE("a message with something behind it is an error") {
  for (auto const& message : one_of_each()) CHECK_THROWS_AS(decode_message(encode_message(message) + "x"), EngineError);
}

TEST_CASE("another version of the protocol is named in the error") {
  auto frame = encode_message(Bye{RunId{1}});
  frame[0] = 9;
  CHECK_THROWS_WITH(decode_message(frame), Catch::Contains("version 9") && Catch::Contains("same build"));
}

TEST_CASE("random bytes are refused without taking the memory they ask for") {
  std::mt19937_64 random{3};
  for (int i = 0; i < 20'000; ++i) {
    std::string frame(random() % 64, '\0');
    for (auto& byte : frame) byte = static_cast<char>(random());
    if (frame.size() > 2) frame[0] = protocol_version, frame[1] = 0;
    try {
      auto const message = decode_message(frame);
      CHECK(encode_message(message).size() == frame.size());
    } catch (EngineError const&) {
    }
  }
}

TEST_CASE("the wire in one process carries one frame at a time each way, in order") {
  auto const [main_end, node_end] = make_wire_in_process(NodeId{3});
  CHECK_FALSE(node_end->receive());
  main_end->send(NodeId{3}, "one");
  CHECK_FALSE(main_end->clear(NodeId{3}));
  node_end->send(main_node, "back");
  CHECK(node_end->receive()->frame == "one");
  CHECK(main_end->clear(NodeId{3}));
  auto const back = main_end->receive();
  CHECK(back->from == NodeId{3});
  CHECK(back->frame == "back");
}

}  // namespace ballast
