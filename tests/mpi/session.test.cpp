// Whole runs over MPI, as an author sees them; started at 1 2 3 4 7 ranks.
#include <algorithm>
#include <csignal>
#include <stdexcept>
#include <thread>

#include <ballast/sim/replay.hpp>

#include "support/catch.hpp"
#include "support/squares.hpp"
#include "support/temporary_folder.hpp"

namespace ballast {
namespace {

RunOptions quietly(RunOptions options = {}) {
  options.verbosity = Verbosity::quiet;
  return options;
}

Session session_of_test() {
  static char const* const argv[] = {"mpi_tests", "same", "on", "all"};
  return Session{4, argv};
}

}  // namespace

TEST_CASE("every policy solves every job once") {
  auto session = session_of_test();
  for (auto const& policy : policies())
    for (auto const jobs : {0, 1, 2, 500}) {
      Squares problem{.jobs = static_cast<std::uint64_t>(jobs)};
      auto const report = session.run(problem, quietly({.policy = std::string{policy.name}, .solvers = 0U}));
      INFO(policy.name << ", " << jobs << " jobs");
      CHECK(report.exit_code() == 0);
      if (session.is_main()) CHECK(problem.right());
    }
}

TEST_CASE("every policy decides the same again when its recording is replayed") {
  auto session = session_of_test();
  for (auto const& policy : policies()) {
    testing::TemporaryFolder const folder;
    auto const failing = [](AttemptContext const& context) {
      if (context.name.job.value() % 50 == 7 && context.name.attempt == Attempt{1}) throw std::runtime_error{"not yet"};
    };
    Squares problem{.jobs = 200, .before_solve = failing};
    RunOptions options{.policy = std::string{policy.name}, .record = folder / "recording"};
    auto const report = session.run(problem, quietly(std::move(options)));
    INFO(policy.name);
    CHECK(report.exit_code() == 0);
    if (!session.is_main()) continue;
    auto const outcome = replay(folder / "recording");
    CHECK(outcome.policy == policy.name);
    CHECK(outcome.events > 200);
    CHECK_FALSE(outcome.cut);
    CHECK_FALSE(outcome.difference);
  }
}

TEST_CASE("an attempt that never ends is overtaken by a second copy, and ended") {
  auto session = session_of_test();
  if (session.size() < 3) return;  // nobody could make the copy
  testing::TemporaryFolder const folder;
  Squares problem{.jobs = 40, .before_solve = [](AttemptContext const& context) {
                    if (context.name == JobAttempt{JobId{5}, Attempt{1}})
                      for (;;) pause();
                    std::this_thread::sleep_for(std::chrono::milliseconds{2});
                  }};
  auto const report = session.run(problem, quietly({.solvers = 1U, .record = folder / "recording"}));
  CHECK(report.exit_code() == 0);
  if (!session.is_main()) return;
  CHECK(problem.right());
  CHECK_THAT(testing::bytes_of(folder / "recording" / "decisions"),
             Catch::Contains(" 5.1\n") && Catch::Contains("  cancel "));
  CHECK_FALSE(replay(folder / "recording").difference);
}

TEST_CASE("a recording that cannot begin ends the run with 3 on every rank") {
  auto session = session_of_test();
  Squares problem{.jobs = 5};
  CHECK(session.run(problem, quietly({.record = "/dev/null/recording"})).exit_code() == 3);
}

TEST_CASE("the report counts messages, solvers and the time that was worked") {
  auto session = session_of_test();
  Squares problem{.jobs = 40, .before_solve = [](AttemptContext const&) {
                    std::this_thread::sleep_for(std::chrono::milliseconds{1});
                  }};
  auto const report = session.run(problem, quietly({.solvers = 2U}));
  CHECK(report.exit_code() == 0);
  if (!session.is_main()) return;
  CHECK(report.solvers == 2 * report.nodes);
  CHECK(report.working >= std::chrono::milliseconds{40});
  CHECK(report.messages > 2 * report.nodes);
  CHECK(report.bytes_sent > 40 * sizeof(Squares::Job));
  CHECK(report.bytes_received > 40 * sizeof(Squares::Solution));
}

TEST_CASE("a signal between two runs of which one follows the other is the second one's") {
  auto session = session_of_test();
  if (session.size() > 1) return;  // mpirun would end us
  testing::TemporaryFolder const folder;
  Squares first{.jobs = 3};
  CHECK(session.run(first, quietly({.sequel = Sequel::follows})).exit_code() == 0);
  std::raise(SIGTERM);
  Squares second{.jobs = 3};
  auto const report = session.run(second, quietly({.run_dir = folder / "kept", .sequel = Sequel::follows}));
  CHECK(report.outcome == ExitCode::drained);
  Squares third{.jobs = 3};
  CHECK(session.run(third, quietly()).exit_code() == 0);
}

TEST_CASE("weights are one per computing node, or the run ends with 2 on every rank") {
  auto session = session_of_test();
  auto const nodes = std::max(session.size(), 2U) - 1;
  for (auto const count : {nodes, nodes + 1}) {
    Squares problem{.jobs = 20};
    auto const report = session.run(problem, quietly({.weights = std::vector<double>(count, 2.5)}));
    CHECK(report.exit_code() == (count == nodes ? 0 : 2));
    if (session.is_main() && count == nodes) CHECK(problem.right());
  }
  Squares problem{.jobs = 20};
  CHECK(session.run(problem, quietly({.weights = std::vector<double>(nodes, 0)})).exit_code() == 2);
}

TEST_CASE("costs that an author expects change nothing in the result") {
  struct Costly : Squares {
    std::vector<double> costs() {
      std::vector<double> list;
      for (std::uint64_t job = 0; job < jobs; ++job) list.push_back(static_cast<double>(job * 7 % 11));
      return list;
    }
  };
  auto session = session_of_test();
  for (auto const& policy : policies()) {
    Costly problem;
    problem.jobs = 100;
    INFO(policy.name);
    CHECK(session.run(problem, quietly({.policy = std::string{policy.name}})).exit_code() == 0);
    if (session.is_main()) CHECK(problem.right());
  }
}

TEST_CASE("jobs and solutions of several MiB travel whole, to solvers apart and inside the rank") {
  auto session = session_of_test();
  for (auto const solvers : {0U, 2U}) {
    Squares problem{.jobs = 12, .padding = 600'000};
    auto const report = session.run(problem, quietly({.solvers = solvers}));
    CHECK(report.exit_code() == 0);
    if (session.is_main()) CHECK(problem.right());
  }
}

TEST_CASE("a solver that crashes costs one attempt, and the run goes on") {
  auto session = session_of_test();
  Squares problem{.jobs = 60, .before_solve = [](AttemptContext const& context) {
                    if (context.name.job.value() % 20 == 3 && context.name.attempt == Attempt{1}) raise(SIGKILL);
                  }};
  auto const report = session.run(problem, quietly({.solvers = 2U}));
  CHECK(report.exit_code() == 0);
  if (session.is_main()) CHECK(problem.right());
}

TEST_CASE("a job that always fails is given up and named, the rest is whole, and every rank knows") {
  auto session = session_of_test();
  Squares problem{.jobs = 30, .before_solve = [](AttemptContext const& context) {
                    if (context.name.job == JobId{7}) throw std::runtime_error{"seven is not for me"};
                  }};
  auto const report = session.run(problem, quietly());
  CHECK(report.exit_code() == 1);
  if (!session.is_main()) return;
  CHECK(problem.right(1));
  REQUIRE(report.given_up.size() == 1);
  CHECK(report.given_up.front().last.job == JobId{7});
  CHECK(report.given_up.front().failures == 3);
  CHECK(report.given_up.front().failure.reason == "seven is not for me");
}

TEST_CASE("an attempt past its time limit is ended and tried again") {
  auto session = session_of_test();
  Squares problem{.jobs = 10, .before_solve = [](AttemptContext const& context) {
                    if (context.name == JobAttempt{JobId{4}, Attempt{1}})
                      for (;;) pause();
                  }};
  auto const report = session.run(problem, quietly({.time_limit = std::chrono::milliseconds{300}}));
  CHECK(report.exit_code() == 0);
  if (session.is_main()) CHECK(problem.right());
}

TEST_CASE("what split throws ends the run on every rank with its code, and the session goes on") {
  struct Broken : Squares {
    std::optional<Job> split() {
      if (next == 5) throw InputOutputError{"cannot read on", "", ""};
      return Squares::split();
    }
  };
  auto session = session_of_test();
  Broken broken;
  broken.jobs = 100;
  CHECK(session.run(broken, quietly()).exit_code() == 3);
  Squares problem{.jobs = 5};
  CHECK(session.run(problem, quietly()).exit_code() == 0);
  if (session.is_main()) CHECK(problem.right());
}

TEST_CASE("whatever split or join throws, every rank comes back from the run") {
  struct Broken : Squares {
    bool in_split{};
    std::optional<Job> split() {
      if (in_split && next == 5) throw std::runtime_error{"no idea what comes next"};
      return Squares::split();
    }
    void join(JobId id, Solution&& solution) {
      if (!in_split && id == JobId{3}) throw 3.14;
      Squares::join(id, std::move(solution));
    }
  };
  auto session = session_of_test();
  for (bool const in_split : {true, false}) {
    Broken broken;
    broken.jobs = 20;
    broken.in_split = in_split;
    CHECK(session.run(broken, quietly()).exit_code() == 4);
  }
}

TEST_CASE("when every node has had its share and jobs are left, the run ends with 4 on every rank") {
  auto session = session_of_test();
  Squares problem{.jobs = 1000};
  CHECK(session.run(problem, quietly({.max_jobs_per_node = 3})).exit_code() == 4);
}

TEST_CASE("a part of the state that does not change travels once in a session") {
  struct Stateful : Squares {
    std::shared_ptr<Payload const> constant{};
    std::shared_ptr<Payload const> changing{};
    std::vector<std::shared_ptr<Payload const>> here{};
    std::vector<std::shared_ptr<Payload const>> state() { return {constant, changing}; }
    void take(std::vector<std::shared_ptr<Payload const>> parts) { here = std::move(parts); }
    Solution solve(Job const& job) {
      if (here.size() != 2 || here[0]->size() != 12'000'000 || here[0]->back() != 'c')
        throw std::runtime_error{"the state is not here"};
      return {job.front() * job.front(), std::stoull(*here[1])};
    }
    void join(JobId id, Solution&& solution) {
      if (solution.back() == std::stoull(*changing)) result.emplace(id.value(), solution.front());
    }
  };
  auto session = session_of_test();
  auto const constant = session.is_main() ? std::make_shared<Payload const>(12'000'000, 'c') : nullptr;
  std::vector<std::uint64_t> messages;
  for (auto const round : {1, 2, 3}) {
    Stateful problem;
    problem.jobs = 2;
    problem.constant = constant;
    if (session.is_main()) problem.changing = std::make_shared<Payload const>(std::to_string(round));
    auto const report = session.run(problem, quietly({.policy = "static", .solvers = round == 2 ? 0U : 1U}));
    INFO("round " << round);
    CHECK(report.exit_code() == 0);
    if (!session.is_main()) continue;
    CHECK(problem.right());
    // It takes 12 messages to each node; two jobs take fewer than that in all.
    messages.push_back(report.messages);
    if (session.size() > 1 && round > 1) CHECK(messages.back() + 5 * report.nodes < messages.front());
  }
}

TEST_CASE("a rank that was started with other arguments ends the run with 2 on every rank") {
  static char const* const ours[] = {"mpi_tests", "--policy", "self"};
  static char const* const theirs[] = {"mpi_tests", "--policy", "static"};
  bool const odd = Session::launched_rank() == 1;
  Session session{3, odd ? theirs : ours};
  Squares problem{.jobs = 10};
  CHECK(session.run(problem, quietly()).exit_code() == (session.size() > 1 ? 2 : 0));
}

TEST_CASE("a rank that cannot begin ends the run on every rank, whichever it is") {
  auto session = session_of_test();
  for (auto const refusing : {0U, session.size() - 1}) {
    UsageError const error{"an option makes no sense", "", ""};
    Squares problem{.jobs = 10};
    auto const report = session.rank() == refusing ? session.refuse(error) : session.run(problem, quietly());
    CHECK(report.exit_code() == 2);
  }
}

TEST_CASE("options that do not fit together are refused on every rank") {
  auto session = session_of_test();
  Squares problem{.jobs = 10};
  CHECK(session.run(problem, quietly({.policy = "gided"})).exit_code() == 2);
  CHECK(session.run(problem, quietly({.solvers = 0U, .time_limit = std::chrono::seconds{1}})).exit_code() == 2);
}

}  // namespace ballast
