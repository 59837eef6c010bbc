// Solutions wait for their turn, are joined once, and never make the Main Node wait.
#include <atomic>
#include <chrono>
#include <functional>
#include <thread>

#include "ballast/core/error.hpp"
#include "runtime/join_desk.hpp"
#include "support/catch.hpp"
#include "support/temporary_folder.hpp"
#include "support/thrown.hpp"

namespace ballast {
namespace {

struct Joined {
  std::string text;
  std::atomic<bool> closed{false};
  std::atomic<bool> blocked{false};
  std::function<void(JobId)> before_write = [](JobId) {};
};

class TestJoiner final : public Joiner {
 public:
  TestJoiner(Joined& joined, JoinOrder order) : joined_{joined}, order_{order} {}
  JoinOrder order() const override { return order_; }
  void write(JobId job, std::string_view piece) override {
    joined_.before_write(job);
    while (joined_.blocked) std::this_thread::sleep_for(std::chrono::milliseconds{1});
    joined_.text.append(piece);
  }
  void finish(JobId job) override { joined_.text.append("|" + std::to_string(job.value()) + " "); }
  void close() override { joined_.closed = true; }

 private:
  Joined& joined_;
  JoinOrder order_;
};

JobAttempt attempt(std::uint64_t job, std::uint32_t number = 1) { return {JobId{job}, Attempt{number}}; }

void wait_until_closed(JoinDesk& desk) {
  desk.finish();
  while (!desk.closed()) std::this_thread::sleep_for(std::chrono::milliseconds{1});
}

}  // namespace

TEST_CASE("solutions are joined in dataset order, whatever the order they come in") {
  Joined joined;
  JoinDesk desk{std::make_unique<TestJoiner>(joined, JoinOrder::dataset)};
  desk.accept(attempt(2), "c");
  desk.accept(attempt(0), "a");
  desk.accept(attempt(1), "b");
  wait_until_closed(desk);
  CHECK(joined.text == "a|0 b|1 c|2 ");
}

TEST_CASE("or as they arrive, if the joiner asks for that") {
  Joined joined;
  JoinDesk desk{std::make_unique<TestJoiner>(joined, JoinOrder::arrival)};
  desk.accept(attempt(2), "c");
  desk.accept(attempt(0), "a");
  wait_until_closed(desk);
  CHECK(joined.text == "c|2 a|0 ");
}

TEST_CASE("a job given up leaves a gap that nobody waits for") {
  for (auto const order : {JoinOrder::dataset, JoinOrder::arrival}) {
    Joined joined;
    JoinDesk desk{std::make_unique<TestJoiner>(joined, order)};
    desk.skip(JobId{0});
    desk.accept(attempt(1), "b");
    desk.add_piece(attempt(2), "half");
    desk.skip(JobId{2});
    wait_until_closed(desk);
    CHECK(joined.text == "b|1 ");
  }
}

TEST_CASE("pieces make one solution, and those of a failed attempt are void") {
  Joined joined;
  JoinDesk desk{std::make_unique<TestJoiner>(joined, JoinOrder::dataset)};
  desk.add_piece(attempt(0, 1), "wrong ");
  desk.drop_pieces(attempt(0, 1));
  desk.add_piece(attempt(0, 2), "right ");
  desk.accept(attempt(0, 2), "end");
  wait_until_closed(desk);
  CHECK(joined.text == "right end|0 ");
}

TEST_CASE("pieces of an attempt that another has overtaken are void") {
  Joined joined;
  JoinDesk desk{std::make_unique<TestJoiner>(joined, JoinOrder::dataset)};
  desk.add_piece(attempt(0, 1), "old ");
  desk.add_piece(attempt(0, 2), "new ");
  desk.add_piece(attempt(0, 1), "old ");
  desk.drop_pieces(attempt(0, 1));
  desk.accept(attempt(0, 2), "end");
  desk.add_piece(attempt(1, 1), "old ");
  desk.accept(attempt(1, 2), "whole");
  wait_until_closed(desk);
  CHECK(joined.text == "new end|0 whole|1 ");
}

TEST_CASE("two attempts at one job send their pieces at the same time, and do not mix") {
  for (std::uint32_t const winner : {1U, 2U}) {
    Joined joined;
    JoinDesk desk{std::make_unique<TestJoiner>(joined, JoinOrder::dataset)};
    for (auto const* const part : {"a", "b", "c"}) {
      desk.add_piece(attempt(0, 1), "one " + std::string{part} + " ");
      desk.add_piece(attempt(0, 2), "two " + std::string{part} + " ");
    }
    desk.accept(attempt(0, winner), "end");
    desk.drop_pieces(attempt(0, 3 - winner));
    desk.accept(attempt(1), "b");
    wait_until_closed(desk);
    CHECK(joined.text == (winner == 1 ? "one a one b one c end|0 b|1 " : "two a two b two c end|0 b|1 "));
  }
}

TEST_CASE("what the joiner throws reaches the Main Node, and nothing is closed") {
  Joined joined;
  joined.before_write = [](JobId) { throw InputOutputError{"disk full", "", ""}; };
  JoinDesk desk{std::make_unique<TestJoiner>(joined, JoinOrder::dataset)};
  desk.accept(attempt(0), "a");
  CHECK_THROWS_AS(wait_until_closed(desk), InputOutputError);
  CHECK_FALSE(joined.closed);
}

TEST_CASE("a joiner that blocks stops nobody, is seen to be behind, and can be told from one that ends") {
  Joined joined;
  joined.blocked = true;
  JoinDesk desk{std::make_unique<TestJoiner>(joined, JoinOrder::dataset)};
  Payload const large(std::size_t{1} << 20, 'x');
  for (std::uint64_t job = 0; job < 300; ++job) desk.accept(attempt(job), large);
  CHECK(desk.congested());
  CHECK_FALSE(desk.stop());
  joined.blocked = false;
  CHECK_FALSE(joined.closed);
}

TEST_CASE("solutions that wait for an early job are no congestion") {
  Joined joined;
  JoinDesk desk{std::make_unique<TestJoiner>(joined, JoinOrder::dataset)};
  Payload const large(std::size_t{1} << 20, 'x');
  for (std::uint64_t job = 1; job < 300; ++job) desk.accept(attempt(job), large);
  CHECK_FALSE(desk.congested());
  desk.accept(attempt(0), large);
  wait_until_closed(desk);
  CHECK(joined.text.size() > 300 * large.size());
}

TEST_CASE("a desk that is stopped leaves the result unclosed") {
  Joined joined;
  {
    JoinDesk desk{std::make_unique<TestJoiner>(joined, JoinOrder::dataset)};
    desk.accept(attempt(1), "b");
    CHECK(desk.stop());
  }
  CHECK_FALSE(joined.closed);
  CHECK(joined.text.empty());
}

TEST_CASE("a solution in a file of its own is joined in its turn, and the file stays") {
  testing::TemporaryFolder const folder;
  std::string const large((std::size_t{3} << 20) + 5, 'x');
  auto const file = folder.file("1.1", large);
  Joined joined;
  JoinDesk desk{std::make_unique<TestJoiner>(joined, JoinOrder::dataset)};
  desk.accept_file(JobId{1}, file, large.size());
  desk.accept_file(JobId{2}, folder.file("2.1", ""), 0);
  desk.accept(attempt(0), "a");
  wait_until_closed(desk);
  CHECK(joined.text == "a|0 " + large + "|1 |2 ");
  CHECK(testing::bytes_of(file) == large);
}

TEST_CASE("a solution's file that is shorter than it was, or gone, is no part of a result") {
  testing::TemporaryFolder const folder;
  for (auto const& file : {folder.file("0.1", "cut"), (folder / "gone").string()}) {
    Joined joined;
    JoinDesk desk{std::make_unique<TestJoiner>(joined, JoinOrder::dataset)};
    desk.accept_file(JobId{0}, file, 4);
    CHECK(testing::has(testing::text_thrown_by([&] { wait_until_closed(desk); }), "cannot read " + file));
    CHECK_FALSE(joined.closed);
  }
}

TEST_CASE("files that are joined are no congestion any more") {
  testing::TemporaryFolder const folder;
  std::string const large(std::size_t{1} << 20, 'x');
  auto const file = folder.file("large", large);
  std::atomic<bool> half{false};
  std::atomic<bool> go_on{false};
  Joined joined;
  joined.before_write = [&](JobId job) {
    if (job != JobId{150}) return;
    half = true;
    while (!go_on) std::this_thread::yield();
  };
  JoinDesk desk{std::make_unique<TestJoiner>(joined, JoinOrder::dataset)};
  for (std::uint64_t job = 0; job < 300; ++job) desk.accept_file(JobId{job}, file, large.size());
  while (!half) std::this_thread::yield();
  CHECK_FALSE(desk.congested());
  go_on = true;
  wait_until_closed(desk);
}

TEST_CASE("a result that is halted has what was told, and does not wait for the rest") {
  for (auto const order : {JoinOrder::dataset, JoinOrder::arrival}) {
    Joined joined;
    JoinDesk desk{std::make_unique<TestJoiner>(joined, order)};
    desk.accept(attempt(1), "b");
    desk.skip(JobId{3});
    desk.add_piece(attempt(4), "half");
    desk.accept(attempt(5), "f");
    desk.finish(JoinDesk::Missing::what_was_not_told);
    while (!desk.closed()) std::this_thread::sleep_for(std::chrono::milliseconds{1});
    CHECK(joined.text == "b|1 f|5 ");
  }
}

}  // namespace ballast
