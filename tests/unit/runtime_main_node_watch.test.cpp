// Whether a computing node takes the Main Node for dead when it is, and only then.
#include "runtime/main_node_watch.hpp"

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "support/catch.hpp"

namespace ballast {
namespace {

using namespace std::chrono_literals;

Begin begin_from(std::string host, std::int64_t process, Duration lease = 10s) {
  Begin begin{};
  begin.host = std::move(host);
  begin.process = process;
  begin.lease = lease;
  return begin;
}

/// A process that plays the Main Node until it is killed.
class Process {
 public:
  Process() : pid_{::fork()} {
    if (pid_ != 0) return;
    ::pause();
    ::_exit(0);
  }
  ~Process() { end(); }
  Process(Process const&) = delete;
  Process& operator=(Process const&) = delete;

  [[nodiscard]] pid_t pid() const { return pid_; }
  void end() {
    if (pid_ <= 0) return;
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
    pid_ = 0;
  }

 private:
  pid_t pid_;
};

/// Asks once a turn in a time that goes on from call to call; how long it took until the Main Node was taken for dead.
std::optional<Duration> gone_after(MainNodeWatch& watch, Duration at_most, Duration turn = 10ms) {
  static Time now{1h};
  auto const begin = now;
  for (; now - begin <= at_most; now += turn)
    if (watch.gone(now)) return now - begin;
  return {};
}

}  // namespace

TEST_CASE("a Main Node that is killed on this host is missed within half a second") {
  Process main;
  MainNodeWatch watch{begin_from("here", main.pid()), "here"};
  CHECK_FALSE(gone_after(watch, 1s));
  main.end();
  auto const noticed = gone_after(watch, 2s);
  REQUIRE(noticed);
  CHECK(*noticed <= 500ms);
}

TEST_CASE("a Main Node on this host may be silent as long as it lives") {
  Process main;
  MainNodeWatch watch{begin_from("here", main.pid(), 1s), "here"};
  CHECK_FALSE(gone_after(watch, 1h, 1s));
}

TEST_CASE("a Main Node on another host is given up after three leases of silence, not before") {
  MainNodeWatch watch{begin_from("there", ::getpid(), 1s), "here"};
  auto const noticed = gone_after(watch, 10s);
  REQUIRE(noticed);
  CHECK(*noticed > 3s);
  CHECK(*noticed <= 3100ms);
}

TEST_CASE("every frame ends the silence of the Main Node") {
  MainNodeWatch watch{begin_from("there", 1, 1s), "here"};
  CHECK_FALSE(gone_after(watch, 2900ms));
  watch.heard();
  CHECK_FALSE(gone_after(watch, 2900ms));
}

TEST_CASE("a node that was stopped does not take its own absence for the Main Node's silence") {
  MainNodeWatch watch{begin_from("there", 1, 1s), "here"};
  CHECK_FALSE(gone_after(watch, 10h, 1h));
}

TEST_CASE("a Main Node whose process cannot be seen here is judged by its silence") {
  Process main;
  auto const ended = main.pid();
  main.end();
  MainNodeWatch watch{begin_from("here", ended, 1s), "here"};
  CHECK_FALSE(gone_after(watch, 2900ms));
  CHECK(gone_after(watch, 10s));
}

TEST_CASE("without a lease silence means nothing") {
  MainNodeWatch watch{begin_from("there", 1, 0s), "here"};
  CHECK_FALSE(gone_after(watch, 100h, 1h));
}

}  // namespace ballast
