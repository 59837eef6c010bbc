// The main of the MPI tests: every rank runs every test, and a failure on any rank fails the run. The output of ranks
// that pass is not shown, rank 0's aside.
#define CATCH_CONFIG_RUNNER
#include <fcntl.h>
#include <mpi.h>
#include <sys/mman.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <iostream>
#include <string>
#include <thread>

#include "support/catch.hpp"

namespace {

/// How long a rank that has failed waits for ranks that may be stuck in the test it left.
constexpr auto patience = std::chrono::seconds{20};

/// How long a rank may take for all tests: below the limits of mpirun and ctest, which could not say where it hangs.
constexpr unsigned time_limit_seconds = 120;

/// The signals at which a rank shows what it has captured.
constexpr std::array last_words{SIGABRT, SIGBUS, SIGFPE, SIGILL, SIGSEGV, SIGTERM};

// Signal handlers need these three.
int captured = -1;
int terminal = -1;
pid_t rank_process = 0;

/// Copies what was captured to where it would have gone. Safe in a signal handler.
void show_captured() {
  std::array<char, 4096> block{};
  off_t offset = 0;
  for (;;) {
    auto const count = pread(captured, block.data(), block.size(), offset);
    if (count <= 0 || write(terminal, block.data(), static_cast<std::size_t>(count)) != count) return;
    offset += count;
  }
}

/// Catch2 turns SIGTERM into a report of the test that is running, and hands it on to show_and_die.
void report_running_test(int) { raise(SIGTERM); }

void show_and_die(int signal) {
  if (getpid() == rank_process) show_captured();
  std::signal(signal, SIG_DFL);
  raise(signal);
}

/// From here on stdout and stderr are kept in memory; a rank that is ended by a signal shows them first.
void capture_output() {
  rank_process = getpid();
  captured = memfd_create("captured output", MFD_CLOEXEC);
  terminal = fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 3);
  if (captured < 0 || terminal < 0 || fcntl(captured, F_SETFL, O_APPEND) != 0 || dup2(captured, STDOUT_FILENO) < 0 ||
      dup2(captured, STDERR_FILENO) < 0) {
    std::perror("mpi_tests: cannot capture the output");
    std::exit(EXIT_FAILURE);
  }
  for (int const signal : last_words) std::signal(signal, show_and_die);
  std::signal(SIGALRM, report_running_test);
  alarm(time_limit_seconds);
}

/// The tests are over: nothing is left to be shown at a signal.
void release_output() {
  alarm(0);
  for (int const signal : last_words) std::signal(signal, SIG_DFL);
  dup2(terminal, STDOUT_FILENO);
  dup2(terminal, STDERR_FILENO);
}

void say(std::string const& line) { dprintf(terminal, "%s\n", line.c_str()); }

/// How many ranks have failed. A rank that has failed ends the run when the others do not come to hear of it.
int count_failed(MPI_Comm everybody, int rank, bool failed) {
  int const mine = failed ? 1 : 0;
  int all = 0;
  int done = 0;
  MPI_Request request = MPI_REQUEST_NULL;
  MPI_Iallreduce(&mine, &all, 1, MPI_INT, MPI_SUM, everybody, &request);
  auto const deadline = std::chrono::steady_clock::now() + patience;
  for (;;) {
    MPI_Test(&request, &done, MPI_STATUS_IGNORE);
    if (done != 0) return all;
    if (failed && std::chrono::steady_clock::now() > deadline) {
      say("rank " + std::to_string(rank) + " failed, and the others did not come to the end: the run is ended here");
      MPI_Abort(MPI_COMM_WORLD, EXIT_FAILURE);
    }
    std::this_thread::sleep_for(std::chrono::milliseconds{1});
  }
}

}  // namespace

int main(int argc, char** argv) {
  int initialized = 0;
  MPI_Initialized(&initialized);
  int provided = 0;
  if (initialized == 0) MPI_Init_thread(&argc, &argv, MPI_THREAD_FUNNELED, &provided);
  MPI_Comm everybody = MPI_COMM_NULL;  // our own, so that a test that was left half way cannot confuse it
  MPI_Comm_dup(MPI_COMM_WORLD, &everybody);
  int rank = 0;
  int ranks = 0;
  MPI_Comm_rank(everybody, &rank);
  MPI_Comm_size(everybody, &ranks);

  capture_output();
  bool const failed = Catch::Session().run(argc, argv) != 0;
  std::cout.flush();
  std::fflush(nullptr);
  if (failed) say("--- rank " + std::to_string(rank) + " of " + std::to_string(ranks) + " failed:");
  if (failed || rank == 0) show_captured();
  release_output();

  int const failures = count_failed(everybody, rank, failed);
  if (rank == 0 && failures > 0) say(std::to_string(failures) + " of " + std::to_string(ranks) + " ranks failed");
  MPI_Comm_free(&everybody);
  int finalized = 0;
  MPI_Finalized(&finalized);
  if (finalized == 0) MPI_Finalize();
  return failures > 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}
