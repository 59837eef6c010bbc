// A computing node at work, with a pool that the test plays.
#include "ballast/core/error.hpp"
#include "runtime/agent.hpp"
#include "support/catch.hpp"

namespace ballast {
namespace {

constexpr RunId run{1};

struct Script {
  unsigned idle{1};
  std::vector<Job> started{};
  std::vector<News> news{};
  std::vector<JobAttempt> cancelled{};
};

class ScriptedPool final : public SolverPool {
 public:
  explicit ScriptedPool(Script& script) : script_{script} {}
  unsigned idle() const override { return script_.idle; }
  void start(Job&& job, Time) override {
    --script_.idle;
    script_.started.push_back(std::move(job));
  }
  std::vector<News> poll(Time) override { return std::exchange(script_.news, {}); }
  void cancel(JobAttempt name) override { script_.cancelled.push_back(name); }
  void limit(std::optional<Duration>) override {}
  void wait(Duration) override {}

 private:
  Script& script_;
};

struct Scene {
  Script script;
  Agent agent{run, std::make_unique<ScriptedPool>(script)};
};

JobPiece piece(std::uint64_t job, std::uint64_t size, Payload bytes) {
  return {{JobId{job}, Attempt{1}}, Digest{job + 100}, size, std::move(bytes)};
}

JobAttempt first_attempt(std::uint64_t job) { return {JobId{job}, Attempt{1}}; }

/// Job 0 has been started, 1 to 3 wait, half of 4 has come.
struct QueueScene : Scene {
  QueueScene() {
    for (std::uint64_t job = 0; job < 4; ++job) agent.take(piece(job, 3, "abc"));
    agent.work();
    static_cast<void>(agent.report());
    agent.take(piece(4, 6, "abc"));
  }

  /// Lets the solver finish whatever there is to do.
  std::vector<std::uint64_t> start_all() {
    script.idle = 100;
    agent.work();
    std::vector<std::uint64_t> jobs;
    for (auto const& job : script.started) jobs.push_back(job.name.job.value());
    return jobs;
  }
};

}  // namespace

TEST_CASE("a recalled node gives back the last jobs that it has not started, never the one that is still coming") {
  QueueScene scene;
  auto const released = scene.agent.recall(2);
  CHECK(released.run == run);
  CHECK(released.names == std::vector<JobAttempt>{first_attempt(2), first_attempt(3)});
  CHECK(released.taken == 3 * queue_bytes(3));
  scene.agent.take(piece(4, 6, "def"));
  CHECK(scene.start_all() == std::vector<std::uint64_t>{0, 1, 4});
}

TEST_CASE("a job that goes on for long is looked at less often than one that has just begun") {
  QueueScene scene;
  CHECK(scene.agent.pace(Clock::now()) < std::chrono::minutes{1});
  CHECK(scene.agent.pace(Clock::now() + std::chrono::hours{1}) > std::chrono::minutes{20});
}

TEST_CASE("a node that has started all its jobs answers a recall with none") {
  QueueScene scene;
  scene.start_all();
  auto const released = scene.agent.recall(5);
  CHECK(released.names.empty());
  CHECK(released.taken == 4 * queue_bytes(3));
}

TEST_CASE("a cancelled job leaves the queue, and its bytes count as taken") {
  QueueScene scene;
  scene.agent.cancel(first_attempt(2));
  CHECK(scene.start_all() == std::vector<std::uint64_t>{0, 1, 3});
  CHECK(scene.agent.report()->taken == 4 * queue_bytes(3));
  CHECK(scene.script.cancelled.empty());
}

TEST_CASE("a cancelled job that is still coming is dropped when it is whole") {
  QueueScene scene;
  scene.agent.cancel(first_attempt(4));
  scene.agent.take(piece(4, 6, "def"));
  scene.agent.take(piece(5, 1, "x"));
  CHECK(scene.start_all() == std::vector<std::uint64_t>{0, 1, 2, 3, 5});
  CHECK(scene.agent.report()->taken == 4 * queue_bytes(3) + queue_bytes(6) + queue_bytes(1));
}

TEST_CASE("a cancelled job that runs, or is not known, is the solvers' business") {
  QueueScene scene;
  scene.agent.cancel(first_attempt(0));
  scene.agent.cancel({JobId{1}, Attempt{2}});
  CHECK(scene.script.cancelled == std::vector<JobAttempt>{first_attempt(0), {JobId{1}, Attempt{2}}});
  CHECK(scene.start_all() == std::vector<std::uint64_t>{0, 1, 2, 3});
}

TEST_CASE("a start is told at once, but not if the end comes with it") {
  Scene scene;
  scene.agent.take(piece(0, 1, "x"));
  scene.agent.work();
  scene.script.news.push_back(Solved{first_attempt(0), {}, {}, "X", ""});
  scene.agent.work();
  auto const report = scene.agent.report();
  REQUIRE(report);
  REQUIRE(report->news.size() == 1);
  CHECK(std::holds_alternative<Solved>(report->news.front()));
  scene.agent.take(piece(1, 1, "x"));
  scene.script.idle = 1;
  scene.agent.work();
  CHECK(std::get<Started>(scene.agent.report()->news.front()).name == first_attempt(1));
}

TEST_CASE("a job that comes in pieces is started when it is whole") {
  Scene scene;
  scene.agent.take(piece(0, 6, "abc"));
  CHECK_FALSE(scene.agent.work());
  scene.agent.take(piece(0, 6, "def"));
  CHECK(scene.agent.work());
  CHECK(scene.script.started.front().payload == "abcdef");
}

TEST_CASE("a job without a byte is a job") {
  Scene scene;
  scene.agent.take(piece(0, 0, ""));
  CHECK(scene.agent.work());
  CHECK(scene.script.started.size() == 1);
}

TEST_CASE("pieces that do not fit together are refused") {
  Scene scene;
  scene.agent.take(piece(0, 6, "abc"));
  CHECK_THROWS_AS(scene.agent.take(piece(1, 6, "def")), EngineError);
  Scene other;
  other.agent.take(piece(0, 4, "abc"));
  CHECK_THROWS_AS(other.agent.take(piece(0, 4, "def")), EngineError);
}

TEST_CASE("jobs wait for a solver, and what has left the queue is told") {
  Scene scene;
  scene.agent.take(piece(0, 3, "abc"));
  scene.agent.take(piece(1, 3, "def"));
  scene.agent.work();
  auto const report = scene.agent.report();
  REQUIRE(report);
  CHECK(report->taken == queue_bytes(3));
  CHECK(std::get<Started>(report->news.front()).name.job == JobId{0});
  CHECK_FALSE(scene.agent.report());
  scene.script.idle = 1;
  scene.agent.work();
  CHECK(scene.agent.report()->taken == 2 * queue_bytes(3));
}

TEST_CASE("a report is a frame's worth, and the rest follows in order") {
  Scene scene;
  scene.agent.take(piece(0, 1, "x"));
  scene.agent.work();
  for (int i = 0; i < 4; ++i) scene.script.news.push_back(Piece{{JobId{0}, Attempt{1}}, Payload(frame_bytes / 2, 'a')});
  scene.script.news.push_back(Solved{{JobId{0}, Attempt{1}}, {}, {}, "end", ""});
  scene.agent.work();
  std::size_t reports = 0;
  std::size_t bytes = 0;
  bool ended = false;
  while (auto const report = scene.agent.report()) {
    ++reports;
    CHECK(encode_message(*report).size() < 2 * frame_bytes);
    for (auto const& item : report->news) {
      CHECK_FALSE(ended);
      if (auto const* const part = std::get_if<Piece>(&item)) bytes += part->bytes.size();
      ended = std::holds_alternative<Solved>(item);
    }
  }
  CHECK(reports > 1);
  CHECK(ended);
  CHECK(bytes == 2 * frame_bytes);
}

TEST_CASE("while the Main Node takes no reports, no more is gathered") {
  Scene scene;
  scene.agent.take(piece(0, 1, "x"));
  scene.agent.work();
  auto const write_much = [&] {
    scene.script.news.assign(3, Piece{{JobId{0}, Attempt{1}}, Payload(frame_bytes, 'a')});
    return scene.agent.work();
  };
  CHECK(write_much());
  CHECK(write_much());
  CHECK_FALSE(write_much());
  CHECK(scene.script.news.size() == 3);
}

}  // namespace ballast
