// What running an external command per job owes to its user.
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>
#include <string>

#include "ballast/core/error.hpp"
#include "ballast/solver/command.hpp"
#include "solver/solver_pool.hpp"
#include "support/catch.hpp"
#include "support/process_list.hpp"
#include "support/solver_scene.hpp"
#include "support/temporary_folder.hpp"
#include "support/thrown.hpp"

using namespace ballast;
using namespace ballast::testing;
using namespace std::chrono_literals;

namespace {

/// A command in a solver process, and in this one: both must do the same.
struct CommandScene {
  explicit CommandScene(CommandOptions options)
      : solver{std::move(options)},
        pool{GENERATE(0, 1) == 0 ? make_inline_pool(solver, NodeId{3}) : make_process_pool(solver, NodeId{3}, 1)},
        agent{*pool} {}
  explicit CommandScene(char const* script) : CommandScene{CommandOptions{{"sh", "-c", script}, {0}}} {}

  CommandSolver solver;
  std::unique_ptr<SolverPool> pool;
  SmallAgent agent;
};

}  // namespace

TEST_CASE("a command gets the job as its stdin, and its stdout is the solution") {
  CommandScene scene{CommandOptions{{"tr", "a-z", "A-Z"}, {0}}};
  CHECK(scene.agent.run("some words\n").solution == "SOME WORDS\n");
  CHECK(scene.agent.run("").solution.empty());
  CHECK(scene.agent.run(std::string("\0\r\n", 3)).solution == std::string("\0\r\n", 3));
}

TEST_CASE("a command's arguments reach it as they are, with no shell between") {
  CommandScene scene{CommandOptions{{"printf", "[%s]", "$HOME", "a b", "", "*"}, {0}}};
  CHECK(scene.agent.run("").solution == "[$HOME][a b][][*]");
}

TEST_CASE("a job and a solution of 20 MB flow through a command at the same time") {
  CommandScene scene{CommandOptions{{"cat"}, {0}}};
  std::string job(20'000'000, '\0');
  for (std::size_t at = 0; at < job.size(); ++at) job[at] = static_cast<char>(at * 7 + at / 1000);
  CHECK((scene.agent.run(job).solution == job));
}

TEST_CASE("a command may ignore its stdin, and end before the job is written") {
  CommandScene scene{"echo done"};
  CHECK(as_text(scene.agent.run(std::string(5'000'000, 'x'))) == "done\n");
}

TEST_CASE("a command that closes its stdout and works on is waited for") {
  CommandScene scene{"exec >&- 2>&-; sleep 0.2; exit 4"};
  auto const ending = scene.agent.run("");
  CHECK(as_text(ending) == "refused: exit status 4");
  CHECK(ending.runtime >= 150ms);
}

TEST_CASE("a status that is not accepted fails the attempt and shows what the command said on stderr") {
  CommandScene scene{"echo half; echo wrong tree >&2; exit 3"};
  auto const ending = scene.agent.run("");
  CHECK(as_text(ending) == "refused: exit status 3");
  CHECK(ending.diagnostics == "wrong tree\n");
}

TEST_CASE("a status that is accepted makes a solution, and others do not") {
  CommandScene scene{CommandOptions{{"grep", "-c", "x"}, {0, 1}}};
  CHECK(as_text(scene.agent.run("no such letter\n")) == "0\n");
  CommandScene strict{CommandOptions{{"true"}, {1}}};
  CHECK(as_text(strict.agent.run("")) == "refused: exit status 0");
}

TEST_CASE("a command that dies by a signal has crashed") {
  CommandScene scene{"kill -SEGV $$"};
  CHECK(as_text(scene.agent.run("")) == "crashed: killed by signal 11 (Segmentation fault)");
}

TEST_CASE("a command that cannot be started is refused, job by job") {
  TemporaryFolder folder;
  auto const text = folder.file("text", "neither a program nor a script");
  ::chmod(text.c_str(), 0755);
  CommandScene missing{CommandOptions{{"ballast-no-such-command"}, {0}}};
  CHECK(as_text(missing.agent.run("")) == "refused: cannot start ballast-no-such-command (No such file or directory)");
  CHECK(as_text(missing.agent.run("")) == "refused: cannot start ballast-no-such-command (No such file or directory)");
  CommandScene broken{CommandOptions{{text}, {0}}};
  CHECK(as_text(broken.agent.run("")) == "refused: cannot start " + text + " (Exec format error)");
}

TEST_CASE("of what a command says on stderr the last 64 KiB are kept, and that there was more is said") {
  CommandScene scene{"head -c 1000000 /dev/zero | tr '\\0' x >&2; printf end >&2"};
  auto const diagnostics = scene.agent.run("").diagnostics;
  CHECK(diagnostics.size() == 64 << 10);
  CHECK(diagnostics.ends_with("xxxend"));
  CHECK(diagnostics.starts_with("[the first bytes of 1000003 are left out]\nxxx"));
}

TEST_CASE("a command knows which attempt it is, and which host, whatever was said outside") {
  ::setenv("BALLAST_JOB", "from outside", 1);
  CommandScene scene{CommandOptions{{"env"}, {0}}};
  scene.agent.run("");
  auto const text = "\n" + scene.agent.run("").solution;
  ::unsetenv("BALLAST_JOB");
  char host[256]{};
  ::gethostname(host, sizeof host - 1);
  CHECK(has(text, "\nBALLAST_JOB=1\nBALLAST_ATTEMPT=1\nBALLAST_NODE=3\nBALLAST_SOLVER=0\nBALLAST_HOST=" +
                      std::string{host} + "\n"));
  CHECK_FALSE(has(text, "from outside"));
  CHECK(has(text, "\nPATH="));
}

TEST_CASE("what a command leaves behind does not hold up its job, and is ended with it") {
  CommandScene scene{"sleep 300 & echo $!"};
  auto const begin = Clock::now();
  auto const left_behind = std::stoi(as_text(scene.agent.run("")));
  CHECK(Clock::now() - begin < 20s);
  CHECK(comes_true([&] { return !runs(left_behind); }));
}

TEST_CASE("a daemon that a command leaves behind is ended by its solver process") {
  auto const text =
      "trap 'exit 0' TERM; setsid sh -c 'echo $$; kill $PPID; exec sleep 300' & wait";  // until it is there
  CommandSolver solver{{.argv = {"sh", "-c", text}}};
  auto const pool = make_process_pool(solver, NodeId{3}, 1);
  SmallAgent agent{*pool};
  auto const daemon = std::stoi(agent.run("").solution);
  CHECK(comes_true([&] { return !runs(daemon); }));
}

TEST_CASE("somebody left behind who writes for ever does not make the job last for ever") {
  CommandScene scene{"yes & sleep 0.05; echo done >&2"};
  auto const ending = scene.agent.run("");
  CHECK_FALSE(ending.failure);
  CHECK(ending.diagnostics == "done\n");
}

TEST_CASE("signals that a rank ignores have their usual effect in a command, but USR1 is ignored") {
  CommandScene scene{"kill -USR1 $$; echo still here; kill -INT $$; echo never seen"};
  auto const ending = scene.agent.run("");
  CHECK(as_text(ending) == "crashed: killed by signal 2 (Interrupt)");
  CommandScene pipe{"(yes; echo status $? >&2) | head -n 1"};
  CHECK(pipe.agent.run("").diagnostics == "status 141\n");
}

TEST_CASE("no descriptor of the rank's reaches a command") {
  int const leaked = ::dup(STDERR_FILENO);
  CommandScene scene{"ls /proc/self/fd | wc -l"};
  CHECK(as_text(scene.agent.run("")) == "4\n");  // the standard three, and the listing itself
  ::close(leaked);
}

#ifndef __SANITIZE_ADDRESS__  // whose quarantine keeps what is freed
static std::size_t kilobytes_of(pid_t process, std::string const& wanted) {
  std::ifstream file{"/proc/" + std::to_string(process) + "/status"};
  for (std::string word; file >> word;)
    if (word == wanted) {
      std::size_t kilobytes = 0;
      file >> kilobytes;
      return kilobytes;
    }
  return 0;
}

TEST_CASE("a command that writes 200 MB needs a few megabytes of its solver and of the rank") {
  CommandSolver solver{{.argv = {"head", "-c", "200000000", "/dev/zero"}}};
  auto const pool = make_process_pool(solver, NodeId{3}, 1);
  SmallAgent agent{*pool};
  agent.keeps_bytes = false;
  agent.look_until([&] { return pool->idle() == 1; });
  auto const solver_process = children_of(children_of(::getpid()).front()).front();
  auto const before = kilobytes_of(::getpid(), "VmRSS:");
  auto const solver_before = kilobytes_of(solver_process, "VmRSS:");
  std::size_t most = 0;
  agent.start({JobId{0}, Attempt{1}}, "");
  agent.look_until([&] {
    most = std::max(most, kilobytes_of(::getpid(), "VmRSS:"));
    return !agent.endings.empty();
  });
  CHECK_FALSE(agent.endings.begin()->second.failure);
  CHECK(most - before < 32'000);
  CHECK(kilobytes_of(solver_process, "VmHWM:") - solver_before < 32'000);
}
#endif

TEST_CASE("a missing command is found out before the first job, in one line") {
  CHECK_NOTHROW(require_program("sh"));
  CHECK_NOTHROW(require_program("/bin/sh"));
  CHECK_THROWS_AS(require_program("ballast-no-such-command"), InputOutputError);
  CHECK(text_thrown_by([] { require_program("ballast-no-such-command"); }) ==
        "cannot find the command `ballast-no-such-command` (no executable of that name in PATH); "
        "install it on the computing nodes or give its full path");
  TemporaryFolder folder;
  CHECK_THROWS_AS(require_program(folder.path().string()), InputOutputError);
  CHECK_THROWS_AS(require_program(folder.file("text", "not executable")), InputOutputError);
  CHECK_THROWS_AS(require_program(""), InputOutputError);
}
