#!/usr/bin/env bash
# Hosts of a real Slurm that are lost while jobs run on them, and hosts that are taken away: what they had goes to others,
# and no result changes.
# shellcheck disable=SC2016  # what the commands expand is theirs
source "$(dirname "${BASH_SOURCE[0]}")/cluster.bash"

test_alone_a_partition_that_is_preempted_goes_on_later() {
  seq 600 >text
  local low high
  low=$(submit_counted requeue.sbatch 0.3 --partition=low --ntasks=32 --time=10 --signal=B:USR1@60 -- --run-dir runs)
  wait_for 60 lines_in tried 20
  high=$(submit --partition=high --nodes=4 --ntasks=32 --wrap 'srun --mpi=none hostname')
  expect_job "$high" 60 COMPLETED
  wait_for 30 is_requeued "$low" 1
  scontrol update jobid="$low" StartTime=now
  touch fast
  expect_job "$low" 60 COMPLETED
  expect_same out text
  expect_nothing_twice tried
}

# both_say TEXT: the logs of both jobs.
both_say() {
  grep -q -- "$1" srun/log-* && grep -q -- "$1" mpirun/log-*
}

jobs_of() {
  grep -cx "$1" "$2/hosts"
}

# works_again HOST FOLDER N: more than it may have had already when N were done there.
works_again() {
  [[ $(jobs_of "$1" "$2") -gt $(($3 + 8)) ]]
}

test_alone_a_link_that_is_cut_for_5_seconds_loses_nobody() {
  lease=10s
  start_both
  cut_link node2
  sleep 5
  mend_link node2
  expect_both
  expect_nothing_twice srun/tried
  expect_nothing_twice mpirun/tried
}

# Within three leases of silence; after that its ranks end.
test_alone_a_host_whose_link_was_cut_for_longer_than_the_lease_is_taken_in_again() {
  lease=4s
  start_both
  cut_link node2
  wait_for 15 both_say 'on node2 has said nothing for 4 s; its jobs go to others'
  mend_link node2
  wait_for 15 both_say 'is back'
  wait_for 20 works_again node2 srun "$(jobs_of node2 srun)"
  wait_for 20 works_again node2 mpirun "$(jobs_of node2 mpirun)"
  expect_both
}

test_alone_a_link_that_is_cut_for_good_changes_nothing() {
  start_both
  cut_link node4
  expect_both
  wait_for 15 runs_nothing_of_ours node4 # they end by themselves
  kill_host node4                        # mpirun's daemon takes 40 s for that
  clear_after_mpirun                     # launch ends it when it waits for what is lost
}

test_alone_a_host_that_dies_changes_nothing() {
  start_both
  kill_host node3
  expect_both
  clear_after_mpirun
}

run_in_cluster "$@"
