// What a pool of solver processes owes to its agent, as long as nothing breaks.
#include <fcntl.h>
#include <sched.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <random>
#include <string>

#include "ballast/core/contract.hpp"
#include "solver/cpu_mask.hpp"
#include "support/catch.hpp"
#include "support/process_list.hpp"
#include "support/solver_scene.hpp"
#include "support/temporary_folder.hpp"

using namespace ballast;
using namespace ballast::testing;
using namespace std::chrono_literals;

namespace {

std::string reversed(std::string_view text) { return {text.rbegin(), text.rend()}; }

void reverse(AttemptContext const&, std::string_view job, SolutionSink& solution) { solution.write(reversed(job)); }

}  // namespace

TEST_CASE("many small jobs are answered rightly by one solver and by three") {
  auto const solvers = GENERATE(1U, 3U);
  Scene scene{reverse, solvers};
  for (std::uint64_t job = 0; job < 3000; ++job) {
    scene.agent.start({JobId{job}, Attempt{2}}, "job " + std::to_string(job));
  }
  scene.agent.look_until([&] { return scene.agent.endings.size() == 3000; });
  for (auto const& [name, ending] : scene.agent.endings) {
    REQUIRE(as_text(ending) == reversed("job " + std::to_string(name.job.value())));
    REQUIRE(ending.digest == Digest{name.job.value() + 1000});
  }
  scene.await_all(solvers);  // one that was born slowly may have got nothing to do
}

TEST_CASE("a solver is told which attempt it makes and where") {
  Scene scene{[](AttemptContext const& context, std::string_view, SolutionSink& solution) {
                solution.write(std::to_string(context.name.job.value()) + " " +
                               std::to_string(context.name.attempt.value()) + " " +
                               std::to_string(context.node.value()) + " " + std::to_string(context.solver.value()));
                ::usleep(20'000);
              },
              2};
  scene.await_all(2);
  scene.agent.start({JobId{8}, Attempt{3}}, "");
  scene.agent.start({JobId{9}, Attempt{1}}, "");
  CHECK(as_text(scene.agent.ending_of({JobId{8}, Attempt{3}})) == "8 3 5 0");
  CHECK(as_text(scene.agent.ending_of({JobId{9}, Attempt{1}})) == "9 1 5 1");
}

TEST_CASE("a job and a solution of 50 MB travel whole, the solution in pieces") {
  Scene scene{reverse};
  std::string job(50'000'000, '\0');
  std::mt19937 random{3};
  for (auto& byte : job) byte = static_cast<char>(random());
  auto const ending = scene.agent.run(job);
  CHECK((as_text(ending) == reversed(job)));
  CHECK(ending.largest_piece == 1 << 20);
}

TEST_CASE("a solution of exactly a megabyte travels in one, and one of no bytes is a solution, too") {
  Scene scene{reverse};
  CHECK(scene.agent.run(std::string(1 << 20, 'x')).solution.size() == 1 << 20);
  auto const ending = scene.agent.run("");
  CHECK_FALSE(ending.failure);
  CHECK(ending.solution.empty());
}

TEST_CASE("solvers live apart from the rank's session, pipes and signals") {
  int pipe_of_the_rank[2];
  REQUIRE(::pipe2(pipe_of_the_rank, O_NONBLOCK) == 0);
  auto const folder = TemporaryFolder{};
  int const input = ::dup(STDIN_FILENO);
  REQUIRE(std::freopen(folder.file("input", "not for solvers").c_str(), "r", stdin) != nullptr);
  Scene scene{[](AttemptContext const&, std::string_view job, SolutionSink& solution) {
    if (job == "session") solution.write(std::to_string(::getsid(0)) + " " + std::to_string(::getpid()));
    if (job == "signals") {
      for (int const signal : {SIGINT, SIGTERM, SIGHUP, SIGUSR1, SIGUSR2, SIGPIPE}) ::raise(signal);
    }
    if (job == "memory") {
      std::string adjustment;
      std::ifstream{"/proc/self/oom_score_adj"} >> adjustment;
      solution.write(adjustment);
    }
    char byte;
    if (job == "input") solution.write(std::to_string(::read(STDIN_FILENO, &byte, 1)));
  }};
  ::close(pipe_of_the_rank[1]);
  char byte = 0;
  CHECK(comes_true([&] { return ::read(pipe_of_the_rank[0], &byte, 1) == 0; }));  // nobody else can write
  ::close(pipe_of_the_rank[0]);
  auto const session = scene.agent.run("session").solution;
  CHECK(session.substr(0, session.find(' ')) == session.substr(session.find(' ') + 1));
  CHECK_FALSE(scene.agent.run("signals").failure);
  CHECK(scene.agent.run("memory").solution == "500");
  CHECK(scene.agent.run("input").solution == "0");
  ::dup2(input, STDIN_FILENO);
  ::close(input);
}

TEST_CASE("files that the author's object has open stay open in its solvers") {
  std::FILE* const file = ::tmpfile();
  std::fputs("from the author", file);
  std::fflush(file);
  Scene scene{[file](AttemptContext const&, std::string_view, SolutionSink& solution) {
    char text[64];
    auto const size = ::pread(::fileno(file), text, sizeof text, 0);
    solution.write({text, static_cast<std::size_t>(std::max<ssize_t>(size, 0))});
  }};
  CHECK(as_text(scene.agent.run("")) == "from the author");
  std::fclose(file);
}

TEST_CASE("under mpirun solvers may use the CPUs of its daemon, not only the rank's own") {
  auto const host = CpuMask::of_process(0);
  if (host.count() < 2) return;  // one CPU is all there is to share
  auto const rank = ::fork();
  if (rank == 0) {
    ::setenv("OMPI_COMM_WORLD_LOCAL_RANK", "0", 1);
    cpu_set_t one;
    CPU_ZERO(&one);
    CPU_SET(static_cast<std::size_t>(::sched_getcpu()), &one);
    ::sched_setaffinity(0, sizeof one, &one);
    Scene scene{[](AttemptContext const&, std::string_view, SolutionSink& solution) {
      solution.write(std::to_string(CpuMask::of_process(0).count()));
    }};
    ::_exit(scene.agent.run("").solution == std::to_string(host.count()) ? 0 : 1);
  }
  int status = 0;
  ::waitpid(rank, &status, 0);
  CHECK(status == 0);
}

TEST_CASE("starting more than there are idle solvers breaks the contract") {
  Scene scene{[](AttemptContext const&, std::string_view, SolutionSink&) { ::pause(); }};
  scene.agent.start({JobId{0}, Attempt{1}}, "");
  CHECK_THROWS_AS(scene.pool->start(Job{}, Clock::now()), ContractViolation);
}
