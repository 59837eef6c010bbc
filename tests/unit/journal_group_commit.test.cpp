// Many records become durable with few syncs, in their order; what durable() has said is there after any crash.
#include "journal/group_commit.hpp"

#include <condition_variable>
#include <mutex>
#include <thread>

#include "ballast/core/error.hpp"
#include "journal/history.hpp"
#include "support/catch.hpp"
#include "support/journal_scene.hpp"
#include "support/memory_storage.hpp"

using namespace ballast;
using namespace ballast::testing;

namespace {

constexpr Duration no_pause{0};
constexpr Duration long_pause = std::chrono::hours{1};
constexpr std::uint64_t calls_to_open = 4;  // append_to, append, sync and sync_names
constexpr std::uint64_t calls_to_sync = 2;  // append and sync

void wait_until_durable(GroupCommit const& commit, std::uint64_t number) {
  while (commit.durable() < number) std::this_thread::yield();
}

/// A disk that stops before certain changes, counted from 1, until it is told to go on.
class StoppingDisk {
 public:
  StoppingDisk(MemoryStorage& storage, std::uint64_t first_stop) : stop_{first_stop} {
    storage.before_each_change([this] {
      std::unique_lock lock{mutex_};
      stopped_ = ++changes_ == stop_;
      changed_.notify_all();
      changed_.wait(lock, [&] { return !stopped_; });
    });
  }
  void wait_until_stopped() {
    std::unique_lock lock{mutex_};
    changed_.wait(lock, [&] { return stopped_; });
  }
  void go_on(std::uint64_t next_stop) {
    std::lock_guard const lock{mutex_};
    stop_ = next_stop;
    stopped_ = false;
    changed_.notify_all();
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::uint64_t changes_{0};
  std::uint64_t stop_;
  bool stopped_{false};
};

}  // namespace

TEST_CASE("records that come while the disk is busy become durable together, in their order") {
  MemoryStorage storage;
  StoppingDisk disk{storage, calls_to_open + 1};
  GroupCommit commit{JournalWriter{storage}, no_pause};
  auto const before = storage.calls();
  Texts added;
  for (std::uint64_t job = 0; job < 100; ++job) {
    CHECK(commit.add(kept(job)) == job + 1);
    added.push_back(text_of(kept(job)));
    if (job == 0) disk.wait_until_stopped();
  }
  CHECK(commit.durable() == 0);
  CHECK(commit.waiting_bytes() == 100 * encode_record(kept(0)).size());
  disk.go_on(calls_to_open + calls_to_sync + 1);
  disk.wait_until_stopped();
  CHECK(commit.durable() == 1);
  CHECK(commit.waiting_bytes() == 99 * encode_record(kept(0)).size());
  disk.go_on(0);
  commit.flush();
  CHECK(commit.durable() == 100);
  CHECK(commit.waiting_bytes() == 0);
  CHECK(storage.calls() == before + 2 * calls_to_sync);
  storage.crash();
  storage.restart();
  CHECK(texts_in(storage) == added);
}

TEST_CASE("after a long silence a record is synced at once; the next ones wait for the pause, or until one hurries") {
  MemoryStorage storage;
  GroupCommit commit{JournalWriter{storage}, long_pause};
  commit.add(kept(0));
  wait_until_durable(commit, 1);
  for (std::uint64_t job = 1; job < 1000; ++job) {
    commit.add(kept(job));
    std::this_thread::yield();  // a chance for the other thread to do what it should not
  }
  CHECK(commit.durable() == 1);
  commit.hurry();
  wait_until_durable(commit, 1000);
}

TEST_CASE("a record is written long before it is synced, so that only the machine's death can lose it") {
  MemoryStorage storage;
  StoppingDisk disk{storage, calls_to_open + calls_to_sync + 1};
  GroupCommit commit{JournalWriter{storage}, long_pause};
  commit.add(kept(0));
  wait_until_durable(commit, 1);
  commit.add(kept(1));
  disk.wait_until_stopped();  // before it is written
  disk.go_on(0);
  CHECK(commit.durable() == 1);
}

TEST_CASE("much that waits is synced without waiting for the pause") {
  MemoryStorage storage;
  GroupCommit commit{JournalWriter{storage}, long_pause};
  commit.add(kept(0));
  commit.flush();
  for (std::uint64_t job = 1; job <= 9; ++job) commit.add(kept(job, std::string(1 << 20, 'x')));
  wait_until_durable(commit, 9);
  SUCCEED("eight megabytes did not wait for an hour");
}

TEST_CASE("flushing waits for what was added and for nothing else, and ends at once when there is nothing") {
  MemoryStorage storage;
  GroupCommit commit{JournalWriter{storage}, long_pause};
  commit.flush();
  for (std::uint64_t job = 0; job < 5; ++job) {
    commit.add(kept(job));
    commit.flush();
    CHECK(commit.durable() == job + 1);
  }
}

TEST_CASE("a flush hurries nothing that comes after it, and a group commit ends although that waits") {
  MemoryStorage storage;
  {
    StoppingDisk disk{storage, calls_to_open + 1};
    GroupCommit commit{JournalWriter{storage}, long_pause};
    commit.add(kept(0));
    disk.wait_until_stopped();
    disk.go_on(0);
    commit.flush();  // while the record is being synced, unless the other thread is quicker
    commit.add(kept(1));
    for (int i = 0; i < 10'000; ++i) std::this_thread::yield();  // a chance to do what it should not
  }
  storage.crash();
  storage.restart();
  CHECK(texts_in(storage) == texts_of({kept(0)}));
}

TEST_CASE("a full disk is told to all who ask, and nothing is durable from then on") {
  MemoryStorage storage;
  GroupCommit commit{JournalWriter{storage}, no_pause};
  commit.add(kept(0));
  commit.flush();
  storage.fail_at(storage.calls() + 1, Fault::no_space);
  commit.add(kept(1));
  for (int again = 0; again < 2; ++again) {
    CHECK_THROWS_AS(commit.flush(), InputOutputError);
    CHECK_THROWS_AS(commit.durable(), InputOutputError);
    CHECK(commit.add(kept(2)) > 2);
  }
  CHECK(mend_journal(storage).bytes > 0);
  CHECK(texts_in(storage) == texts_of({kept(0)}));
}

namespace {

/// A run that writes down what it does, and what it may tell others.
struct Run {
  MemoryStorage storage;
  std::vector<Record> added{};
  std::uint64_t durable{0};

  void add(GroupCommit& commit, Record const& record, std::unique_ptr<AppendFile> file = {}) {
    added.push_back(record);
    commit.add(record, std::move(file));
  }
  void add_apart(GroupCommit& commit, std::uint64_t job, std::string const& content) {
    auto const record = testing::apart(job, content);
    auto file = storage.append_to(solution_file(record.name));
    file->append(content);
    add(commit, record, std::move(file));
  }
  void flush(GroupCommit& commit) {
    commit.flush();
    durable = commit.durable();
  }
  /// The same calls to the storage each time: a group begins only when it is flushed.
  void go() {
    GroupCommit commit{JournalWriter{storage}, long_pause};
    add(commit, RunDescribed{"run", "1"});
    flush(commit);
    add(commit, kept(0));
    add_apart(commit, 3, "three");
    flush(commit);
    add(commit, abandoned(1));
    add_apart(commit, 4, "four");
    add_apart(commit, 5, "five");
    flush(commit);
    add(commit, JobRevived{JobId{1}});
    flush(commit);
  }

  /// Also whether the solutions' files are good, which the caller of read_journal() has to look at.
  void check_what_is_left() {
    mend_journal(storage);
    std::vector<Record> left;
    History history;
    read_journal(storage, [&](Record&& record) {
      history.take(record);
      auto const* const solution = std::get_if<SolutionApart>(&record);
      CHECK((solution == nullptr || solution_file_good(storage, *apart_file(*solution))));
      left.push_back(std::move(record));
    });
    CHECK(left.size() >= durable);
    REQUIRE(left.size() <= added.size());
    added.resize(left.size());
    CHECK(texts_of(left) == texts_of(added));
  }
};

}  // namespace

TEST_CASE("wherever a run is cut short, all that was durable is there, and nothing that was not added") {
  auto const fault = GENERATE(Fault::crash_before, Fault::crash_between, Fault::no_space);
  auto const names = GENERATE(KeepNames::synced, KeepNames::all);
  auto const part = GENERATE(0, 1, 2);  // halves of what was not synced
  for (std::uint64_t call = 1;; ++call) {
    Run run;
    run.storage.fail_at(call, fault);
    auto whole = true;
    try {
      run.go();
    } catch (Crashed const&) {
      whole = false;
    } catch (InputOutputError const&) {
      whole = false;
    }
    run.storage.crash([&](std::uint64_t unsynced) { return unsynced * static_cast<unsigned>(part) / 2; }, names);
    run.storage.restart();
    run.check_what_is_left();
    write_records(run.storage, {kept(9)});
    CHECK(texts_in(run.storage).size() == run.added.size() + 1);
    if (whole) {
      CHECK((run.durable == 7 && call > 20));
      break;
    }
  }
}
