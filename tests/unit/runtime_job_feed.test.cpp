// Jobs as the Main Node asks for them: read ahead, but not without bound; again, if need be.
#include <atomic>
#include <chrono>
#include <thread>

#include "ballast/core/digest.hpp"
#include "ballast/core/error.hpp"
#include "runtime/job_feed.hpp"
#include "support/catch.hpp"

namespace ballast {
namespace {

struct Source {
  std::uint64_t jobs{};
  std::size_t payload_size{1};
  std::atomic<bool> blocked{false};
  std::atomic<bool> broken{false};
  std::atomic<bool> asked{false};
};

class TestSplitter final : public StreamSplitter {
 public:
  explicit TestSplitter(Source& source) : source_{source} {}
  std::optional<Payload> next() override {
    source_.asked = true;
    while (source_.blocked) std::this_thread::sleep_for(std::chrono::milliseconds{1});
    if (source_.broken) throw InputOutputError{"cannot read on", "", ""};
    if (next_ == source_.jobs) return {};
    return Payload(source_.payload_size, static_cast<char>('a' + next_++ % 26));
  }

 private:
  Source& source_;
  std::uint64_t next_{0};
};

std::unique_ptr<JobFeed> feed_of(Source& source, ReadAhead ahead = ReadAhead::bounded) {
  return make_job_feed(std::make_unique<TestSplitter>(source), ahead, 2);
}

/// A feed of which the first `solved` jobs are solved, and had these payloads then.
std::unique_ptr<JobFeed> resumed_feed_of(Source& source, std::vector<std::string> const& solved) {
  ResolvedJobs resolved;
  for (auto const& payload : solved) resolved.inputs.push_back(digest_of(payload));
  resolved.contains = [count = solved.size()](JobId job) { return job.value() < count; };
  return make_job_feed(std::make_unique<TestSplitter>(source), ReadAhead::bounded, 2, std::move(resolved));
}

/// Letters, as TestSplitter has them.
class Letters final : public IndexedSplitter {
 public:
  explicit Letters(std::uint64_t count) : count_{count} {}
  std::uint64_t count() const override { return count_; }
  Payload read(JobId job) override { return {static_cast<char>('a' + job.value())}; }

 private:
  std::uint64_t count_;
};

/// Whether the feed comes to this state before a test would be called hung.
bool comes_to(JobFeed& feed, std::uint64_t jobs, bool ended) {
  auto const deadline = std::chrono::steady_clock::now() + std::chrono::seconds{30};
  while (std::chrono::steady_clock::now() < deadline) {
    auto const found = feed.found();
    if (found.jobs >= jobs && found.ended == ended) return true;
    std::this_thread::sleep_for(std::chrono::milliseconds{1});
  }
  return false;
}

}  // namespace

TEST_CASE("a stream's job can be loaded until it is resolved, more than once") {
  Source source{.jobs = 3};
  auto const feed = feed_of(source);
  REQUIRE(comes_to(*feed, 3, true));
  CHECK(feed->load(JobId{1}) == "b");
  CHECK(feed->load(JobId{1}) == "b");
  feed->resolve(JobId{1});
  CHECK(feed->load(JobId{2}) == "c");
}

TEST_CASE("a stream is not read further ahead than the nodes need, and goes on as jobs are resolved") {
  Source source{.jobs = 10'000, .payload_size = 1 << 20};
  auto const feed = feed_of(source);
  constexpr std::uint64_t ahead = 48;  // 32 MiB, and 8 for each of two solvers
  REQUIRE(comes_to(*feed, ahead, false));
  for (std::uint64_t job = 0; job < 20; ++job) feed->resolve(JobId{job});
  // It waits until a quarter has been resolved, which may happen in between.
  REQUIRE(comes_to(*feed, ahead + 20 - ahead / 4, false));
  CHECK(feed->stop());
  CHECK(feed->found().jobs <= ahead + 20);
}

TEST_CASE("records larger than the bound still feed every solver") {
  Source source{.jobs = 20, .payload_size = std::size_t{60} << 20};
  CHECK(comes_to(*feed_of(source), 8, false));
}

TEST_CASE("a stream is read to its end when the policy must know N") {
  Source source{.jobs = 200'000};
  CHECK(comes_to(*feed_of(source, ReadAhead::all), 200'000, true));
}

TEST_CASE("what the splitter throws reaches the Main Node") {
  Source source{.jobs = 3};
  source.broken = true;
  CHECK_THROWS_AS(comes_to(*feed_of(source), 3, true), InputOutputError);
}

TEST_CASE("a splitter that blocks stops nobody, and can be told from one that ends") {
  Source source{.jobs = 3};
  source.blocked = true;
  auto const feed = feed_of(source);
  while (!source.asked) std::this_thread::yield();
  CHECK(feed->found().jobs == 0);
  CHECK_FALSE(feed->stop());
  source.blocked = false;
  CHECK(comes_to(*feed, 1, true));
}

TEST_CASE("a stream's solved jobs are passed over, and the others are there") {
  Source source{.jobs = 4};
  auto const feed = resumed_feed_of(source, {"a", "b"});
  REQUIRE(comes_to(*feed, 4, true));
  CHECK(feed->load(JobId{2}) == "c");
  CHECK_FALSE(feed->rereads());
}

TEST_CASE("solved jobs do not count as read ahead") {
  Source source{.jobs = 300, .payload_size = 1 << 20};
  std::string const letters = "abcdefghijklmnopqrstuvwxyz";
  std::vector<std::string> solved;
  for (std::size_t job = 0; job < 200; ++job) solved.emplace_back(source.payload_size, letters[job % 26]);
  CHECK(comes_to(*resumed_feed_of(source, solved), 248, false));
}

TEST_CASE("a stream whose solved job has changed is refused") {
  Source source{.jobs = 4};
  CHECK_THROWS_AS(comes_to(*resumed_feed_of(source, {"a", "B"}), 4, true), UsageError);
}

TEST_CASE("a stream that ends before its last solved job is refused") {
  Source source{.jobs = 1};
  CHECK_THROWS_AS(comes_to(*resumed_feed_of(source, {"a", "b"}), 1, true), UsageError);
}

TEST_CASE("of a job that was given up nothing is known, and any payload will do") {
  Source source{.jobs = 3};
  ResolvedJobs resolved{[](JobId job) { return job.value() < 2; }, {Digest{}, digest_of("b")}};
  auto const feed = make_job_feed(std::make_unique<TestSplitter>(source), ReadAhead::bounded, 2, std::move(resolved));
  CHECK(comes_to(*feed, 3, true));
}

TEST_CASE("an index reads solved jobs again, and refuses one that it has no more") {
  auto const feed = make_job_feed(std::make_unique<Letters>(2), ReadAhead::bounded, 2);
  CHECK(feed->rereads());
  CHECK_NOTHROW(check_input(JobId{1}, feed->load(JobId{1}), digest_of("b")));
  CHECK_THROWS_AS(check_input(JobId{1}, feed->load(JobId{1}), digest_of("c")), UsageError);
  CHECK_THROWS_AS(feed->load(JobId{2}), UsageError);
}

}  // namespace ballast
