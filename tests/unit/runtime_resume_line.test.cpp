// What a user is told to type goes on with the same run, or everything that was solved is solved again.
#include "runtime/resume_line.hpp"

#include "support/catch.hpp"

namespace ballast {

TEST_CASE("--resume goes right behind the subcommand: the command's words, or values, would swallow it") {
  CHECK(resume_line({"map", "in.txt", "--run-dir", "d", "--", "tr", "a-z", "A-Z"}, Launcher::none, 1) ==
        "ballast map --resume in.txt --run-dir d -- tr a-z A-Z");
  CHECK(resume_line({"run", "--run-dir", "d", "echo {}", ":::", "a", "--resume"}, Launcher::none, 1) ==
        "ballast run --resume --run-dir d 'echo {}' ::: a --resume");
}

TEST_CASE("only the first -- ends our options: later ones are the command's") {
  CHECK(resume_line({"map", "--", "env", "--", "cat"}, Launcher::none, 1) == "ballast map --resume -- env -- cat");
}

TEST_CASE("without a command --resume goes to the same place") {
  CHECK(resume_line({"upper", "a"}, Launcher::none, 1) == "ballast upper --resume a");
}

TEST_CASE("--resume is not said twice, and --resume-failed says it, too") {
  CHECK(resume_line({"upper", "--resume", "a"}, Launcher::none, 1) == "ballast upper --resume a");
  CHECK(resume_line({"upper", "--resume-failed", "a"}, Launcher::none, 1) == "ballast upper --resume-failed a");
}

TEST_CASE("a --resume of the command is not ours") {
  CHECK(resume_line({"map", "--", "rsync", "--resume"}, Launcher::none, 1) == "ballast map --resume -- rsync --resume");
}

TEST_CASE("words are quoted as the shell must have them") {
  CHECK(resume_line({"map", "my file", "--", "sh", "-c", "echo 'it'"}, Launcher::none, 1) ==
        R"(ballast map --resume 'my file' -- sh -c 'echo '\''it'\''')");
}

TEST_CASE("the launcher gets its ranks: mpirun all of them, ballast launch the computing nodes, srun asks Slurm") {
  CHECK(resume_line({"upper"}, Launcher::mpirun, 4) == "mpirun -n 4 ballast upper --resume");
  CHECK(resume_line({"upper"}, Launcher::mpirun, 4, Slots::oversubscribed) ==
        "mpirun -n 4 --oversubscribe ballast upper --resume");
  CHECK(resume_line({"upper"}, Launcher::ballast, 4) == "ballast launch -n 3 -- upper --resume");
  CHECK(resume_line({"upper"}, Launcher::srun, 4) == "srun ballast upper --resume");
}

}  // namespace ballast
