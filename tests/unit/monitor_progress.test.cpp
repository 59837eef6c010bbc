// What people see while they wait.
#include "monitor/progress.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <array>

#include "support/catch.hpp"

namespace ballast {
namespace {

using std::chrono::seconds;

struct Screen {
  Screen() {
    REQUIRE(pipe2(ends.data(), O_NONBLOCK | O_CLOEXEC) == 0);
    console = Console{ends[1]};
  }
  ~Screen() {
    close(ends[0]);
    close(ends[1]);
  }
  Screen(Screen const&) = delete;
  Screen& operator=(Screen const&) = delete;

  std::string read_all() const {
    std::array<char, 4096> block{};
    auto const size = read(ends[0], block.data(), block.size());
    return {block.data(), size > 0 ? static_cast<std::size_t>(size) : 0};
  }

  std::array<int, 2> ends{};
  Console console;
};

Time at(int second) { return Time{seconds{100 + second}}; }

void solve(Progress& progress, int jobs, int second) {
  for (int i = 0; i < jobs; ++i) progress.observe(SolutionArrived{}, Step{{SolutionAccepted{}}, {}}, at(second));
}

}  // namespace

TEST_CASE("a line comes every ten seconds, with what is done and what is left") {
  Screen screen;
  Progress progress{screen.console, ProgressLook::lines};
  progress.observe(JobsFound{40}, {}, at(0));
  progress.observe(DatasetEnded{}, {}, at(0));
  solve(progress, 10, 5);
  progress.tick(at(9));
  CHECK(screen.read_all().empty());
  progress.tick(at(10));
  CHECK(screen.read_all() == "ballast: 10/40 jobs (25 %), 10 s, about 30 s left\n");
  progress.tick(at(11));
  CHECK(screen.read_all().empty());
}

TEST_CASE("no end is promised for a stream that goes on") {
  Screen screen;
  Progress progress{screen.console, ProgressLook::lines};
  progress.observe(JobsFound{40}, {}, at(0));
  solve(progress, 10, 5);
  progress.tick(at(10));
  CHECK(screen.read_all() == "ballast: 10 jobs solved of 40 so far, 10 s\n");
}

TEST_CASE("jobs retried and given up are told as they come") {
  Screen screen;
  Progress progress{screen.console, ProgressLook::lines};
  progress.observe(JobsFound{2}, {}, at(0));
  progress.observe(FailureArrived{}, Step{{RetryPlanned{}}, {}}, at(1));
  progress.observe(FailureArrived{}, Step{{JobGivenUp{}}, {}}, at(2));
  progress.tick(at(10));
  CHECK(screen.read_all() == "ballast: 0 jobs solved of 2 so far, 10 s, 1 retried, 1 given up\n");
}

TEST_CASE("a message takes the bar's line, the bar is drawn below it, and nothing of it stays at the end") {
  Screen screen;
  {
    Progress progress{screen.console, ProgressLook::bar};
    progress.observe(JobsFound{2}, {}, at(0));
    progress.observe(DatasetEnded{}, {}, at(0));
    solve(progress, 1, 1);
    progress.tick(at(2));
    CHECK(screen.read_all() == "\r\x1b[K[===============               ] 1/2 jobs (50 %), 2 s, about 2 s left");
    screen.console.say("a word");
    CHECK(screen.read_all().starts_with("\r\x1b[Kballast: a word\n[==="));
  }
  CHECK(screen.read_all() == "\r\x1b[K");
}

TEST_CASE("who wants no progress sees none") {
  Screen screen;
  Progress progress{screen.console, ProgressLook::none};
  progress.observe(JobsFound{2}, {}, at(0));
  progress.tick(at(1000));
  CHECK(screen.read_all().empty());
}

}  // namespace ballast
