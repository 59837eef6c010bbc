#!/usr/bin/env bash
# `ballast launch`: whatever dies, the run goes on or ends clearly, and nothing is left.
# shellcheck disable=SC2016  # what the commands expand is theirs
source "$(dirname "${BASH_SOURCE[0]}")/scene.bash"

launch() {
  "$BALLAST" launch "$@"
}

# start_launch ARG…: in the background, such that $! is launch itself.
start_launch() {
  "$BALLAST" launch "$@" &
}

# What a run is ended in: a job that never ends, with children of its own.
endless='touch "started.$BALLAST_NODE"; sleep 1000 & setsid sleep 1001 & wait'

start_endless_launch() {
  seq 10 >text
  start_launch -n 2 -- map text --batch-lines 1 -o out "$@" -- sh -c "$endless" 2>err
  wait_for 15 test -e started.1 -a -e started.2
}

nothing_of_it_lives() {
  local name
  for name in ballast mpirun ballast-nursery ballast-solver sh; do
    [[ -z $(processes_named "$name") ]] || return 1
  done
}

expect_nothing_left() {
  local left
  [[ -z $(find "$TMPDIR" -mindepth 1 -print -quit) ]] || fail 'left in TMPDIR:' "$(find "$TMPDIR" -mindepth 1)"
  left=$(forgotten_shared_memory ../shared-before)
  [[ -z $left ]] || fail "left: $left"
}

jobs_done() {
  [[ $(find 'done' -type f | wc -l) -ge $1 ]]
}

# 200 jobs of 20 ms at 3 computing nodes; each leaves a file.
start_counted_launch() {
  seq 200 >text
  mkdir 'done'
  start_launch -n 3 -- map text --progress never --lease 2s --batch-lines 1 -o out -- sh -c 'sleep 0.02; touch "done/$BALLAST_JOB"; cat' 2>err
}

test_a_computing_node_that_is_killed_changes_nothing() {
  start_counted_launch
  local run=$!
  wait_for 20 jobs_done 30
  kill -KILL "$(rank_process 2)"
  expect_within 20 0 "$run"
  expect_same out text
  expect_nothing_left
}

test_all_computing_nodes_killed_is_the_end() {
  start_counted_launch
  local run=$! rank
  wait_for 20 jobs_done 30
  for rank in 1 2 3; do kill -KILL "$(rank_process "$rank")"; done
  expect_within 30 4 "$run"
  expect_absent out
}

# When some jobs are done, and for longer than a lease of 1 s.
stop_rank_2_for_a_while() {
  local rank
  wait_for 20 jobs_done 30
  rank=$(rank_process 2)
  kill -STOP "$rank"
  sleep 2
  kill -CONT "$rank"
}

test_a_computing_node_that_was_stopped_comes_back() {
  seq 400 >text
  mkdir 'done'
  start_launch -n 2 -- map text --progress never --lease 1s --batch-lines 1 -o out -- sh -c 'sleep 0.02; touch "done/$BALLAST_JOB"; cat' 2>err
  local run=$!
  stop_rank_2_for_a_while
  expect_within 30 0 "$run"
  expect_same out text
}

# Under plain mpirun, which lets a stopped rank live; what mpirun would say of an MPI_Abort is on its stdout.
test_a_node_that_came_back_does_not_make_a_good_run_look_bad() {
  seq 300 >text
  mkdir 'done'
  start_ranks 3 map text --progress never --lease 1s --batch-lines 1 -o out -- \
    sh -c 'sleep 0.02; touch "done/$BALLAST_JOB"; cat' >said 2>&1
  local run=$!
  stop_rank_2_for_a_while
  expect_within 30 0 "$run"
  expect_same out text
  expect_contains said 'rank 2 is back'
  expect_equal "$(grep -vc '^ballast: ' said)" 0 "$(<said)"
}

test_when_the_main_node_is_killed_nothing_is_left_after_2_seconds() {
  start_endless_launch
  local run=$!
  kill -KILL "$(rank_process 0)"
  wait_for 2 nothing_of_it_lives
  expect_within 1 4 "$run"
  expect_message err 'the Main Node .* was killed'
  expect_nothing_left
}

test_when_mpirun_is_killed_nothing_is_left() {
  start_endless_launch
  local run=$! status=0
  kill -KILL "$(processes_named mpirun)"
  wait_for 4 nothing_of_it_lives
  wait "$run" || status=$?
  [[ $status != 0 ]] || fail 'exit status 0'
  expect_nothing_left
}

test_when_launch_is_killed_nothing_is_left() {
  start_endless_launch --grace 1s
  kill -KILL $!
  wait_for 6 nothing_of_it_lives
  expect_nothing_left
}

test_exit_codes_are_those_of_the_main_node() {
  seq 4 >text
  expect_status 0 launch -n 2 -- map text -o out -- cat
  expect_same out text
  expect_status 1 launch -n 2 -- map text --batch-lines 1 --retries 0 -- sh -c 'read -r x; test "$x" != 2' 2>err
  expect_status 2 launch -n 2 -- map text --frobnicate -- cat 2>err
  expect_only_message err frobnicate
  expect_status 3 launch -n 2 -- map missing.txt -- cat 2>err
  expect_only_message err 'missing\.txt'
  expect_nothing_left
}

test_what_cannot_be_launched_is_said() {
  expect_status 2 launch -n 2 2>err
  expect_only_message err 'nothing to launch'
  expect_status 2 launch -n 2 -- launch -- policies 2>err
  expect_only_message err 'cannot launch itself'
  expect_status 2 launch -n 2 --launcher forkbomb -- policies 2>err
  expect_only_message err forkbomb
  expect_status 4 env PATH=/nowhere "$BALLAST" launch -n 2 -- policies 2>err
  expect_only_message err 'cannot start mpirun'
  expect_status 4 launch -n 2 --mpi-arg --no-such-option -- policies >out 2>err
  expect_message err 'mpirun ended with status'
  expect_nothing_left
}

test_words_reach_the_command_unchanged() {
  printf 'x\n' >text
  launch -n 2 -- map text -- printf '%s\n' : :: ':::' '' 'a b' -n -- --host >out || fail 'failed'
  printf '%s\n' : :: ':::' '' 'a b' -n -- --host >wanted
  expect_same out wanted
}

test_the_first_dashes_may_be_left_out() {
  seq 3 >text
  launch -n 2 map text -- cat >out || fail 'failed'
  expect_same out text
}

test_standard_streams_are_the_callers() {
  seq 5 >text
  launch -n 2 -- map -- cat <text >out 2>err || fail 'failed'
  expect_same out text
  expect_empty err
  launch -n 1 -- upper --work 0:0 one <&- >out || fail 'failed without standard input'
  expect_equal "$(<out)" ONE
}

test_a_reader_that_goes_away_ends_the_run_silently() {
  seq 300000 >text
  set -o pipefail
  timeout 20 "$BALLAST" launch -n 2 -- map text --batch-bytes 4K -- cat 2>err | head -n 1 >out || fail "exit status $?"
  expect_equal "$(<out)" 1
  expect_empty err
}

test_SIGTERM_ends_the_run_and_a_second_one_at_once() {
  start_endless_launch
  kill -TERM $!
  expect_within 8 143 $!
  expect_message err 'ended by SIGTERM'
  rm -f started.*
  start_endless_launch --run-dir runs --grace 30s
  kill -INT $!
  sleep 0.3
  kill -INT $!
  expect_within 4 130 $!
  wait_for 2 nothing_of_it_lives
  expect_nothing_left
}

run_tests "$@"
