// Why a run stops early, and how long those that are running may go on.
#include "runtime/stopping.hpp"

#include <csignal>

#include "support/catch.hpp"

namespace ballast {
namespace {

using namespace std::chrono_literals;
using How = Halt::How;
using What = Halt::What;
using Kind = StopOrder::Kind;

constexpr Time start{1h};

Tally tally(std::uint64_t solved, std::uint64_t given_up, std::optional<std::uint64_t> jobs = 100) {
  return {jobs, solved, given_up};
}

RunOptions with_grace(Duration grace) {
  RunOptions options;
  options.grace = grace;
  return options;
}

RunOptions with_limit(Duration limit, Duration grace) {
  auto options = with_grace(grace);
  options.run_limit = limit;
  return options;
}

/// A run that listens to signals.
struct Scene {
  explicit Scene(RunOptions options, Notice notice = Notice::full) : stopping{interruption, options, notice, start} {}

  std::optional<StopOrder> look(Tally const& so_far = {}, Duration after = 0s) {
    return stopping.look(so_far, start + after);
  }

  Interruption interruption{Parent::anybody};
  Stopping stopping;
};

}  // namespace

TEST_CASE("a halt by count comes with the last one that is allowed, and counts only what it should") {
  CHECK_FALSE(reached({How::soon, What::failed, std::uint64_t{3}}, tally(50, 2)));
  CHECK(reached({How::soon, What::failed, std::uint64_t{3}}, tally(0, 3)));
  CHECK_FALSE(reached({How::soon, What::solved, std::uint64_t{3}}, tally(2, 50)));
  CHECK(reached({How::soon, What::solved, std::uint64_t{3}}, tally(3, 0)));
  CHECK_FALSE(reached({How::soon, What::ended, std::uint64_t{3}}, tally(1, 1)));
  CHECK(reached({How::soon, What::ended, std::uint64_t{3}}, tally(2, 1)));
}

TEST_CASE("the first failure is no 1% of the jobs before three have ended") {
  CHECK_FALSE(reached({How::now, What::failed, Percent{1}}, tally(0, 1)));
  CHECK_FALSE(reached({How::now, What::failed, Percent{1}}, tally(1, 1)));
  CHECK(reached({How::now, What::failed, Percent{1}}, tally(2, 1)));
}

TEST_CASE("a share is of all jobs of the dataset, not of those that have ended") {
  CHECK_FALSE(reached({How::now, What::failed, Percent{10}}, tally(0, 9)));
  CHECK(reached({How::now, What::failed, Percent{10}}, tally(0, 10)));
  CHECK_FALSE(reached({How::now, What::solved, Percent{100}}, tally(99, 1)));
  CHECK_FALSE(reached({How::now, What::failed, Percent{0.001}}, tally(50, 0)));
}

TEST_CASE("a resumed run is not halted by a share of a dataset that it has not counted yet") {
  CHECK_FALSE(reached({How::now, What::failed, Percent{50}}, tally(9, 1, std::nullopt)));
  CHECK(reached({How::now, What::failed, std::uint64_t{1}}, tally(9, 1, std::nullopt)));
}

TEST_CASE("a halt says which option it was, waits for running jobs when it is soon, and not when it is now") {
  RunOptions options;
  options.halt = Halt{How::soon, What::failed, std::uint64_t{3}};
  auto const soon = Scene{options}.look(tally(0, 3));
  options.halt = Halt{How::now, What::solved, Percent{12.5}};
  auto const now = Scene{options}.look(tally(20, 0));
  REQUIRE(soon);
  REQUIRE(now);
  CHECK(soon->kind == Kind::halt);
  CHECK(soon->grace == Duration::max());
  CHECK(soon->outcome == ExitCode::incomplete);
  CHECK(soon->reason == "--halt soon,fail=3");
  CHECK(now->grace == 0s);
  CHECK(now->reason == "--halt now,success=12.5%");
}

TEST_CASE("a run that nothing stops goes on") { CHECK_FALSE(Scene{RunOptions{}}.look(tally(99, 1), 1000h)); }

TEST_CASE("a time limit leaves time for running jobs and for the end before it is over") {
  Scene scene{with_limit(60s, 10s)};
  CHECK_FALSE(scene.look({}, 48s));
  auto const order = scene.look({}, 49s);
  REQUIRE(order);
  CHECK(order->kind == Kind::time_limit);
  CHECK(order->grace == 10s);
  CHECK(order->outcome == ExitCode::terminated);
}

TEST_CASE("a time limit shorter than its grace is half for work, and jobs still end before it") {
  Scene scene{with_limit(4s, 10s)};
  CHECK_FALSE(scene.look({}, 1999ms));
  auto const order = scene.look({}, 2s);
  REQUIRE(order);
  CHECK(order->grace > 0s);
  CHECK(order->grace <= 1s);
}

TEST_CASE("a signal gives running jobs their grace, and another outcome to each") {
  for (auto const& [signal, name, outcome] :
       {std::tuple{SIGINT, "SIGINT", ExitCode::interrupted}, std::tuple{SIGTERM, "SIGTERM", ExitCode::terminated},
        std::tuple{SIGUSR1, "SIGUSR1", ExitCode::terminated}}) {
    Scene scene{with_grace(20s)};
    CHECK_FALSE(scene.look());
    ::raise(signal);
    auto const order = scene.look();
    REQUIRE(order);
    CHECK(order->kind == Kind::signal);
    CHECK(order->reason == name);
    CHECK(order->grace == 20s);
    CHECK(order->outcome == outcome);
  }
}

TEST_CASE("plain mpirun kills a moment after SIGTERM, so the grace is short; but a warning comes early") {
  Scene terminated{with_grace(20s), Notice::a_moment};
  ::raise(SIGTERM);
  REQUIRE(terminated.look());
  CHECK(terminated.look()->grace < 1s);
  Scene warned{with_grace(20s), Notice::a_moment};
  ::raise(SIGUSR1);
  REQUIRE(warned.look());
  CHECK(warned.look()->grace == 20s);
}

TEST_CASE("a grace shorter than the moment stays as it is") {
  Scene scene{with_grace(10ms), Notice::a_moment};
  ::raise(SIGTERM);
  REQUIRE(scene.look());
  CHECK(scene.look()->grace == 10ms);
}

TEST_CASE("SIGTERM after a warning is what counts: it leaves less time") {
  Scene scene{with_grace(20s), Notice::a_moment};
  ::raise(SIGUSR1);
  ::raise(SIGTERM);
  REQUIRE(scene.look());
  CHECK(scene.look()->reason == "SIGTERM");
  CHECK(scene.look()->grace < 1s);
}

TEST_CASE("a signal is heard before a halt and a time limit that are due, too") {
  auto options = with_limit(1s, 1s);
  options.halt = Halt{How::now, What::ended, std::uint64_t{1}};
  Scene scene{options};
  CHECK(scene.look(tally(1, 0), 1h)->kind == Kind::time_limit);
  ::raise(SIGTERM);
  CHECK(scene.look(tally(1, 0), 1h)->kind == Kind::signal);
}

TEST_CASE("after SIGCONT under mpirun nothing new is begun for a second and a half, and the run is not stopped") {
  Scene scene{RunOptions{}, Notice::a_moment};
  CHECK_FALSE(scene.stopping.on_hold(Clock::now()));
  ::raise(SIGCONT);
  auto const continued = scene.interruption.continued();
  REQUIRE(continued);
  CHECK(scene.stopping.on_hold(*continued));
  CHECK(scene.stopping.on_hold(*continued + 1499ms));
  CHECK_FALSE(scene.stopping.on_hold(*continued + 1500ms));
  CHECK_FALSE(scene.look());
}

TEST_CASE("where signals leave enough time SIGCONT holds nothing up") {
  Scene scene{RunOptions{}};
  ::raise(SIGCONT);
  CHECK_FALSE(scene.stopping.on_hold(*scene.interruption.continued()));
}

}  // namespace ballast
