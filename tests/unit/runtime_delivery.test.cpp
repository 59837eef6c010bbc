// A solution is durable before it is joined, and what loses a race leaves nothing behind.
#include "runtime/delivery.hpp"

#include <sys/resource.h>

#include <algorithm>
#include <atomic>
#include <csignal>
#include <functional>
#include <thread>

#include "ballast/core/digest.hpp"
#include "support/catch.hpp"
#include "support/child.hpp"
#include "support/journal_scene.hpp"
#include "support/temporary_folder.hpp"
#include "support/thrown.hpp"

namespace ballast {
namespace {

using namespace ballast::testing;
using Strings = std::vector<std::string>;

/// Keeps what is joined; `before` sees each job when its first byte comes.
struct Joined {
  std::string text;
  std::function<void(JobId)> before = [](JobId) {};
};

class TestJoiner final : public Joiner {
 public:
  explicit TestJoiner(Joined& joined) : joined_{joined} {}
  JoinOrder order() const override { return JoinOrder::dataset; }
  void write(JobId job, std::string_view piece) override {
    joined_.before(job);
    joined_.text.append(piece);
  }
  void finish(JobId) override { joined_.text.append("|"); }
  void close() override {}

 private:
  Joined& joined_;
};

JobAttempt attempt(std::uint64_t job, std::uint32_t number = 1) { return {JobId{job}, Attempt{number}}; }
Solved solved(JobAttempt name, std::string bytes) {
  return {name, digest_of("input"), Duration{1}, std::move(bytes), {}};
}
Failed failed(JobAttempt name) { return {name, Duration{1}, {FailureKind::refused, "exit status 3", "oops"}}; }

struct Scene {
  explicit Scene(std::function<void(Scene&, JobId)> before = {}) : desk{std::make_unique<TestJoiner>(joined)} {
    if (before) joined.before = [this, before](JobId job) { before(*this, job); };
  }

  /// Hands all on, and waits until it is joined.
  void finish() {
    delivery->flush();
    delivery->hand_on();
    CHECK(delivery->empty());
    desk.finish();
    while (!desk.closed()) std::this_thread::yield();
  }
  [[nodiscard]] Strings files() {
    auto found = directory.storage().list("solutions");
    std::sort(found.begin(), found.end());
    return found;
  }
  /// Of jobs, as a start after a crash would read them.
  [[nodiscard]] History history() const {
    History history;
    read_journal(*open_directory(folder / "run"), [&](Record const& record) { history.take(record); });
    return history;
  }

  TemporaryFolder folder;
  RunDirectory directory{folder / "run", Resume::no, "a run"};
  Joined joined;
  JoinDesk desk;
  std::unique_ptr<Delivery> delivery = make_durable_delivery(directory, desk);
};

std::string const large(largest_kept + 1, 'x');

}  // namespace

TEST_CASE("nothing is joined that a crash could still take away") {
  std::atomic<int> seen{0};
  std::atomic<int> durable{0};
  Scene scene{[&](Scene& here, JobId job) {
    ++seen;
    if (here.history().state(job) == History::State::solved) ++durable;
  }};
  scene.delivery->accept(solved(attempt(0), "a"));
  CHECK_FALSE(scene.delivery->empty());
  scene.delivery->flush();
  scene.delivery->hand_on();
  for (std::uint64_t job = 1; job < 20; ++job) {
    scene.delivery->accept(solved(attempt(job), "b"));
    scene.delivery->hand_on();
  }
  scene.delivery->accept(solved(attempt(20), large));
  scene.delivery->hand_on();
  scene.finish();
  CHECK(seen >= 21);
  CHECK(durable == seen);
}

TEST_CASE("what is accepted waits for the disk, and goes on in order when the disk has it") {
  Scene scene;
  scene.delivery->accept(solved(attempt(1), "b"));
  scene.delivery->accept(solved(attempt(0), "a"));
  CHECK_FALSE(scene.delivery->empty());
  scene.delivery->flush();
  CHECK(scene.delivery->hand_on());
  CHECK(scene.delivery->empty());
  CHECK_FALSE(scene.delivery->hand_on());
  scene.finish();
  CHECK(scene.joined.text == "a|b|");
}

TEST_CASE("a solution in pieces is joined from its own file, and the journal has only its name") {
  Scene scene;
  scene.delivery->add_piece(attempt(0, 2), "first ");
  scene.delivery->add_piece(attempt(0, 2), "second ");
  scene.delivery->accept(solved(attempt(0, 2), "last"));
  scene.finish();
  CHECK(scene.joined.text == "first second last|");
  CHECK(scene.files() == Strings{"0.2"});
  CHECK(bytes_of(scene.folder / "run" / "solutions" / "0.2") == "first second last");
  std::optional<SolutionApart> found;
  read_journal(scene.directory.storage(), [&](Record const& record) {
    if (auto const* const apart = std::get_if<SolutionApart>(&record)) found = *apart;
  });
  REQUIRE(found);
  CHECK(found->size == 17);
  CHECK(solution_file_good(scene.directory.storage(), *apart_file(*found)));
}

TEST_CASE("what remains of a job given up takes its solution's place, in the next start, too") {
  Scene scene;
  auto last = failed(attempt(0));
  last.remains = "half";
  scene.delivery->give_up(last, {}, 1);
  auto chatty = failed(attempt(1));
  chatty.remains = "end";
  scene.delivery->add_piece(attempt(1), "begin ");
  scene.delivery->give_up(chatty, {}, 1);
  scene.finish();
  CHECK(scene.joined.text == "half|begin end|");
  CHECK(scene.files() == Strings{"1.1"});
  std::vector<JobAbandoned> found;
  read_journal(scene.directory.storage(), [&](Record const& record) {
    if (auto const* const abandoned = std::get_if<JobAbandoned>(&record)) found.push_back(*abandoned);
  });
  REQUIRE(found.size() == 2);
  CHECK(std::get<Payload>(found[0].printed) == "half");
  CHECK(std::get<PrintedApart>(found[1].printed).size == 9);
  CHECK(solution_file_good(scene.directory.storage(), *apart_file(found[1])));
}

TEST_CASE("a solution that is too large for the journal has its own file, one that just fits has none") {
  Scene scene;
  scene.delivery->accept(solved(attempt(0), large));
  scene.delivery->accept(solved(attempt(1), large.substr(1)));
  scene.finish();
  CHECK(scene.files() == Strings{"0.1"});
  CHECK(scene.joined.text.size() == 2 * large.size() - 1 + 2);
}

TEST_CASE("the file of a copy that loses its race is removed, and the winner's is not") {
  Scene scene;
  scene.delivery->add_piece(attempt(0, 1), "slow ");
  scene.delivery->add_piece(attempt(0, 2), "fast ");
  scene.delivery->add_piece(attempt(1, 1), "another job's ");
  scene.delivery->accept(solved(attempt(0, 2), "end"));
  CHECK(scene.files() == Strings{"0.2", "1.1"});
  scene.delivery->drop_pieces(attempt(0, 1));  // its late news
  scene.delivery->drop_pieces(attempt(0, 2));
  CHECK(scene.files() == Strings{"0.2", "1.1"});
  scene.delivery->accept(solved(attempt(1), "end"));
  scene.finish();
  CHECK(scene.joined.text == "fast end|another job's end|");
}

TEST_CASE("pieces that lose to a solution in one piece are removed, too") {
  Scene scene;
  scene.delivery->add_piece(attempt(0, 1), "slow ");
  scene.delivery->accept(solved(attempt(0, 2), "whole"));
  CHECK(scene.files().empty());
  scene.finish();
  CHECK(scene.joined.text == "whole|");
}

TEST_CASE("a failed attempt and a job given up leave no file, and the job given up no bytes") {
  Scene scene;
  scene.delivery->add_piece(attempt(0, 1), "half");
  scene.delivery->drop_pieces(attempt(0, 1));
  CHECK(scene.files().empty());
  scene.delivery->add_piece(attempt(0, 2), "half");
  scene.delivery->give_up(failed(attempt(0, 2)), digest_of("input"), 2);
  CHECK(scene.files().empty());
  scene.delivery->accept(solved(attempt(1), "b"));
  scene.finish();
  CHECK(scene.joined.text == "b|");
  CHECK(scene.history().state(JobId{0}) == History::State::abandoned);
}

TEST_CASE("pieces do not go on with a file that an earlier start has left") {
  Scene scene;
  write_file(scene.directory.storage(), "solutions/0.1", "left over ");
  scene.delivery->add_piece(attempt(0), "new ");
  scene.delivery->accept(solved(attempt(0), "end"));
  scene.finish();
  CHECK(scene.joined.text == "new end|");
}

TEST_CASE("the journal begins with what the run is, before its first solution") {
  Scene scene;
  scene.delivery->accept(solved(attempt(0), "a"));
  scene.finish();
  std::vector<Record> records;
  read_journal(scene.directory.storage(), [&](Record&& record) { records.push_back(std::move(record)); });
  REQUIRE(records.size() == 3);
  CHECK(std::get<RunDescribed>(records[0]).identity == "a run");
  CHECK(std::holds_alternative<RunStarted>(records[1]));
  CHECK(std::get<SolutionKept>(records[2]).input == digest_of("input"));
}

TEST_CASE("a disk that is full is told when something waits for it, and nothing is joined") {
  auto const after = [](auto work) {
    return thrown_in_child([&] {
      std::signal(SIGXFSZ, SIG_IGN);
      Scene scene;
      scene.delivery->flush();
      ::rlimit const limit{1000, 1000};
      if (::setrlimit(RLIMIT_FSIZE, &limit) != 0) throw std::runtime_error{"cannot set a limit"};
      scene.delivery->accept(solved(attempt(0), std::string(2000, 'x')));
      work(scene);
    });
  };
  CHECK(has(after([](Scene& scene) { scene.delivery->flush(); }), "File too large"));
  CHECK(has(after([](Scene& scene) {
              scene.delivery->hurry();
              while (!scene.delivery->hand_on()) std::this_thread::yield();
            }),
            "File too large"));
  CHECK(has(after([](Scene& scene) { scene.delivery->add_piece(attempt(1), std::string(2000, 'x')); }),
            "File too large"));
}

TEST_CASE("without a run directory what is accepted is joined at once") {
  Joined joined;
  JoinDesk desk{std::make_unique<TestJoiner>(joined)};
  auto const delivery = make_direct_delivery(desk);
  delivery->add_piece(attempt(0, 1), "lost ");
  delivery->add_piece(attempt(0, 2), "won ");
  delivery->drop_pieces(attempt(0, 1));
  delivery->accept(solved(attempt(0, 2), "end"));
  delivery->give_up(failed(attempt(1)), {}, 1);
  delivery->accept(solved(attempt(2), "c"));
  CHECK(delivery->empty());
  desk.finish();
  while (!desk.closed()) std::this_thread::yield();
  CHECK(joined.text == "won end|c|");
}

}  // namespace ballast
