/* The master-worker loop of the textbooks: one job at a time to whoever answered. A job sleeps for its cost.
   textbook FILE reads costs in seconds, one a line, and prints the makespan in seconds. */
#include <mpi.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { job_tag = 1, end_tag = 2 };

static void fail(char const *path) {
  fprintf(stderr, "textbook: cannot read %s; give a file of costs in seconds, one a line\n", path);
  MPI_Abort(MPI_COMM_WORLD, 2);
}

static void work(void) {
  for (;;) {
    double cost = 0;
    MPI_Status status;
    MPI_Recv(&cost, 1, MPI_DOUBLE, 0, MPI_ANY_TAG, MPI_COMM_WORLD, &status);
    if (status.MPI_TAG == end_tag) return;
    struct timespec pause = {(time_t)cost, (long)((cost - (double)(time_t)cost) * 1e9)};
    nanosleep(&pause, NULL);
    MPI_Send(&cost, 1, MPI_DOUBLE, 0, job_tag, MPI_COMM_WORLD);
  }
}

/* Sends the next job to this worker, or the end; returns how many jobs that were. */
static int feed(int worker, FILE *costs) {
  double cost = 0;
  int const found = fscanf(costs, "%lf", &cost) == 1;
  MPI_Send(&cost, 1, MPI_DOUBLE, worker, found ? job_tag : end_tag, MPI_COMM_WORLD);
  return found;
}

static void lead(char const *path, int ranks) {
  FILE *costs = fopen(path, "r");
  if (costs == NULL) {
    fail(path);
    return;
  }
  double const begin = MPI_Wtime();
  int running = 0;
  for (int worker = 1; worker < ranks; ++worker) running += feed(worker, costs);
  while (running > 0) {
    double answer = 0;
    MPI_Status status;
    MPI_Recv(&answer, 1, MPI_DOUBLE, MPI_ANY_SOURCE, job_tag, MPI_COMM_WORLD, &status);
    running += feed(status.MPI_SOURCE, costs) - 1;
  }
  printf("%.6f\n", MPI_Wtime() - begin);
  fclose(costs);
}

int main(int argc, char **argv) {
  MPI_Init(&argc, &argv);
  int rank = 0, ranks = 0;
  MPI_Comm_rank(MPI_COMM_WORLD, &rank);
  MPI_Comm_size(MPI_COMM_WORLD, &ranks);
  if (argc != 2) fail("its argument");
  MPI_Barrier(MPI_COMM_WORLD);
  if (rank == 0) {
    lead(argv[1], ranks);
  } else {
    work();
  }
  return MPI_Finalize();
}
