// What a user is told to type goes on with the same run, or everything that was solved is solved again.
#include "runtime/resume_line.hpp"

#include "support/catch.hpp"

namespace ballast {

TEST_CASE("--resume goes before the command's words, which would swallow it") {
  CHECK(resume_line({"map", "in.txt", "--run-dir", "d", "--", "tr", "a-z", "A-Z"}, Launcher::none, 1) ==
        "ballast map in.txt --run-dir d --resume -- tr a-z A-Z");
}

TEST_CASE("only the first -- ends our options: later ones are the command's") {
  CHECK(resume_line({"map", "--", "env", "--", "cat"}, Launcher::none, 1) == "ballast map --resume -- env -- cat");
}

TEST_CASE("without a command --resume goes to the end") {
  CHECK(resume_line({"upper", "a"}, Launcher::none, 1) == "ballast upper a --resume");
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
        R"(ballast map 'my file' --resume -- sh -c 'echo '\''it'\''')");
}

TEST_CASE("the launcher gets its ranks: mpirun all of them, ballast launch the computing nodes, srun asks Slurm") {
  CHECK(resume_line({"upper"}, Launcher::mpirun, 4) == "mpirun -n 4 ballast upper --resume");
  CHECK(resume_line({"upper"}, Launcher::ballast, 4) == "ballast launch -n 3 -- upper --resume");
  CHECK(resume_line({"upper"}, Launcher::srun, 4) == "srun ballast upper --resume");
}

}  // namespace ballast
