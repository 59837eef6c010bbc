// What one computing node is sent, and when.
#include "runtime/outbox.hpp"
#include "support/catch.hpp"

namespace ballast {
namespace {

constexpr RunId run{1};

struct Sender {
  explicit Sender(std::size_t size = 100) : payload_size{size} {}

  std::size_t payload_size;
  Outbox outbox;
  std::vector<std::uint64_t> loaded;
  std::size_t largest{0};

  std::optional<Message> next(Outbox::NextJob job = Outbox::NextJob::load) {
    auto const frame = outbox.next_frame(run, job, [this](JobId id) {
      loaded.push_back(id.value());
      return Payload(payload_size, static_cast<char>('a' + id.value() % 26));
    });
    if (frame) largest = std::max(largest, frame->size());
    return frame ? std::optional{decode_message(*frame)} : std::nullopt;
  }
};

}  // namespace

TEST_CASE("messages go before jobs") {
  Sender sender;
  sender.outbox.assign({{JobId{0}, 1, Attempt{1}}});
  sender.outbox.add(Dismiss{run});
  CHECK(std::holds_alternative<Dismiss>(*sender.next()));
  CHECK(std::holds_alternative<Jobs>(*sender.next()));
  CHECK_FALSE(sender.next());
}

TEST_CASE("many small jobs share a frame") {
  Sender sender;
  sender.outbox.assign({{JobId{0}, 50, Attempt{1}}, {JobId{70}, 1, Attempt{3}}});
  auto const jobs = std::get<Jobs>(*sender.next());
  CHECK(jobs.pieces.size() == 51);
  CHECK(jobs.pieces.back().name == JobAttempt{JobId{70}, Attempt{3}});
}

TEST_CASE("a large job travels in frames of a MiB, none much larger") {
  Sender sender{5 * frame_bytes / 2};
  sender.outbox.assign({{JobId{0}, 1, Attempt{1}}});
  Payload whole;
  int frames = 0;
  while (auto const message = sender.next()) {
    auto const& piece = std::get<Jobs>(*message).pieces.front();
    CHECK(piece.size == sender.payload_size);
    whole += piece.bytes;
    ++frames;
  }
  CHECK(frames == 3);
  CHECK(whole == Payload(sender.payload_size, 'a'));
  CHECK(sender.largest < frame_bytes + 200);
}

TEST_CASE("jobs are loaded no faster than the node's queue passes them on") {
  Sender sender{frame_bytes};
  sender.outbox.assign({{JobId{0}, 1000, Attempt{1}}});
  while (sender.next()) {
  }
  CHECK(sender.loaded.size() <= queue_window_bytes / frame_bytes + 1);
  auto const before = sender.loaded.size();
  sender.outbox.taken(2 * queue_bytes(frame_bytes));
  while (sender.next()) {
  }
  CHECK(sender.loaded.size() == before + 2);
}

TEST_CASE("a job larger than the window goes alone") {
  Sender sender{2 * queue_window_bytes};
  sender.outbox.assign({{JobId{0}, 2, Attempt{1}}});
  while (sender.next()) {
  }
  CHECK(sender.loaded.size() == 1);
  sender.outbox.taken(queue_bytes(sender.payload_size));
  CHECK(sender.next());
  CHECK(sender.loaded.size() == 2);
}

TEST_CASE("jobs without a byte fill the window, too") {
  Sender sender{0};
  sender.outbox.assign({{JobId{0}, 1'000'000, Attempt{1}}});
  while (sender.next()) {
  }
  CHECK(sender.loaded.size() < 100'000);
}

TEST_CASE("jobs are recalled from the end, and those on their way stay") {
  Sender sender{3 * frame_bytes / 2};
  sender.outbox.assign({{JobId{0}, 3, Attempt{1}}, {JobId{70}, 2, Attempt{3}}});
  REQUIRE(sender.next());
  CHECK(sender.outbox.recall(3) == JobRuns{{JobId{2}, 1, Attempt{1}}, {JobId{70}, 2, Attempt{3}}});
  CHECK(sender.outbox.recall(3) == JobRuns{{JobId{1}, 1, Attempt{1}}});
  CHECK(sender.outbox.recall(3).empty());
  while (sender.next()) {
  }
  CHECK(sender.loaded == std::vector<std::uint64_t>{0});
}

TEST_CASE("one job is dropped wherever it is in the queue, and only in that attempt") {
  for (std::uint64_t const job : {4U, 6U, 8U, 20U}) {
    Sender sender;
    sender.outbox.assign({{JobId{4}, 5, Attempt{1}}, {JobId{20}, 1, Attempt{1}}, {JobId{30}, 1, Attempt{1}}});
    CHECK_FALSE(sender.outbox.drop({JobId{job}, Attempt{2}}));
    CHECK_FALSE(sender.outbox.drop({JobId{9}, Attempt{1}}));
    CHECK(sender.outbox.drop({JobId{job}, Attempt{1}}));
    CHECK_FALSE(sender.outbox.drop({JobId{job}, Attempt{1}}));
    std::vector<std::uint64_t> left{4, 5, 6, 7, 8, 20, 30};
    std::erase(left, job);
    REQUIRE(sender.next());
    CHECK(sender.loaded == left);
  }
}

TEST_CASE("told to wait, an outbox finishes the job on its way and loads no other") {
  Sender sender{3 * frame_bytes / 2};
  sender.outbox.assign({{JobId{0}, 2, Attempt{1}}});
  REQUIRE(sender.next());
  CHECK(sender.outbox.loaded() > 0);
  REQUIRE(sender.next(Outbox::NextJob::wait));
  CHECK_FALSE(sender.next(Outbox::NextJob::wait));
  CHECK(sender.loaded.size() == 1);
}

}  // namespace ballast
