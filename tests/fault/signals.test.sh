#!/usr/bin/env bash
# Processes that are told to end, or killed: nothing is left behind, and no solver's death changes the result.
# shellcheck disable=SC2016  # what the commands expand is theirs
source "$(dirname "${BASH_SOURCE[0]}")/scene.bash"

# What a run is interrupted in: a job that never ends, with children of its own.
endless='touch "started.$BALLAST_NODE"; sleep 1000 & setsid sleep 1001 & wait'

# With a process group of its own, which is what Ctrl-C at a terminal reaches. $! is the program itself.
start_alone() {
  setsid "$BALLAST" "$@" &
}

# interrupt_alone SIGNAL STATUS: a run of one rank, by its process group.
interrupt_alone() {
  seq 10 >text
  echo before >out
  start_alone map text --batch-lines 1 -o out -- sh -c "$endless" 2>err
  wait_for 10 test -e started.0
  kill "-$1" -- "-$!"
  expect_within 5 "$2" $!
  expect_only_message err "ended by SIG$1"
  expect_equal "$(<out)" before
  expect_absent out.partial
}

test_Ctrl_C_ends_a_run_of_one_rank() {
  interrupt_alone INT 130
}

test_SIGTERM_ends_a_run_of_one_rank() {
  interrupt_alone TERM 143
}

# interrupt_mpirun SIGNAL STATUS
interrupt_mpirun() {
  seq 10 >text
  echo before >out
  start_ranks 3 map text --batch-lines 1 -o out -- sh -c "$endless" 2>err
  wait_for 10 test -e started.1 -a -e started.2 -a -e out.partial
  kill "-$1" $!
  expect_within 6 "$2" $!
  expect_message err "ended by SIG"
  expect_equal "$(<out)" before
  expect_absent out.partial
}

test_Ctrl_C_to_mpirun_leaves_nothing() {
  interrupt_mpirun INT 1
}

test_SIGTERM_to_mpirun_leaves_nothing() {
  interrupt_mpirun TERM 1
}

test_a_run_that_waits_for_its_input_can_be_ended() {
  mkfifo input
  exec 4<>input
  start_alone map input -o out -- cat 2>err
  wait_for 10 test -e out.partial
  kill -INT $!
  expect_within 5 130 $!
  expect_only_message err 'ended by SIGINT'
  expect_absent out out.partial
  start_ranks 3 map input -o out -- cat 2>err
  wait_for 10 test -e out.partial
  kill -TERM $!
  expect_within 6 1 $!
  expect_absent out out.partial
}

test_a_second_signal_ends_a_drain_unless_it_is_an_echo() {
  seq 10 >text
  start_alone map text --batch-lines 1 -o out --run-dir runs --grace 30s -- sh -c "$endless" 2>err
  wait_for 10 test -e started.0
  kill -TERM $!
  kill -TERM $!
  sleep 1.2
  has_ended $! && fail 'the echo has ended it'
  kill -TERM $!
  expect_within 2 143 $!
}

test_a_run_whose_reader_does_not_read_can_be_ended() {
  mkfifo output
  exec 4<>output
  start_alone map "$dictionary" -- cat >output 2>err
  wait_for 10 pipe_is_full
  kill -INT $!
  expect_within 5 130 $!
}
# Nothing more goes into the pipe that is open as descriptor 4.
pipe_is_full() {
  ! timeout 0.1 bash -c 'printf x >&4' 2>/dev/null
}

no_process_is_left() {
  [[ -z $(processes_named ballast)$(processes_named ballast-nursery)$(processes_named ballast-solver)$(processes_named sh) ]]
}

test_when_mpirun_is_killed_the_ranks_end_by_themselves() {
  seq 10 >text
  start_ranks 3 map text --batch-lines 1 -o out -- sh -c "$endless" 2>err
  wait_for 10 test -e started.1 -a -e started.2 -a -e out.partial
  kill -KILL $!
  wait $!
  wait_for 4 no_process_is_left
  clear_after_mpirun
  expect_absent out out.partial
}

test_when_a_computing_node_is_killed_nothing_is_left() {
  seq 10 >text
  start_ranks 3 map text --batch-lines 1 -o out -- sh -c "$endless" 2>err
  wait_for 10 test -e started.1 -a -e started.2 -a -e out.partial
  kill -KILL "$(rank_process 2)"
  expect_within 6 137 $!
  expect_absent out out.partial
}

test_when_the_main_node_is_killed_its_solvers_and_their_commands_end() {
  seq 10 >text
  start_alone map text --batch-lines 1 -o out -- sh -c "$endless"
  wait_for 10 test -e started.0
  kill -KILL $!
  wait_for 4 no_process_is_left
  expect_absent out
}

test_a_run_that_is_stopped_goes_on_where_it_was() {
  seq 100 >text
  start_alone map text --batch-lines 1 -o out -- sh -c 'touch started; sleep 0.01; cat'
  wait_for 10 test -e started
  kill -STOP $!
  sleep 0.3
  kill -CONT $!
  expect_within 20 0 $!
  expect_same out text
}

# kill_at_random NAME PAUSE PROCESS: one process of this name after the other, as long as the process lives. Sets `kills`.
kill_at_random() {
  local victims
  kills=0
  until has_ended "$3"; do
    mapfile -t victims < <(processes_named "$1")
    if [[ ${#victims[@]} -gt 0 ]] && kill -KILL "${victims[RANDOM % ${#victims[@]}]}" 2>/dev/null; then
      kills=$((kills + 1))
    fi
    sleep "$2"
  done
}

# Some solutions are small, some come in several messages.
patchwork='sleep 0.03; cat; if [ $((BALLAST_JOB % 20)) = 7 ]; then head -c 3000000 /dev/zero | tr "\0" "$((BALLAST_JOB % 9))"; fi'

# kill_solvers KILLS JOBS COMMAND…: the result is that of an undisturbed run, though so many solvers were killed at least.
kill_solvers() {
  local kills least=$1
  seq "$2" >text
  shift 2
  "$BALLAST" map text --batch-lines 1 --solvers 8 -o wanted -- sh -c "${patchwork#sleep 0.03;}" || fail 'failed undisturbed'
  "$@" map text --progress never --batch-lines 1 --retries 20 --solvers 2 -o out -- sh -c "$patchwork" 2>err &
  local run=$!
  kill_at_random ballast-solver 0.02 "$run"
  wait "$run" || fail "exit status $?:" "$(<err)"
  expect_same out wanted
  expect_empty err
  [[ $kills -ge $least ]] || fail "only $kills solvers were killed"
}

test_solvers_that_are_killed_at_random_change_nothing() {
  kill_solvers 20 300 mpirun --oversubscribe -n 3 "$BALLAST"
}

test_solvers_that_are_killed_at_random_change_nothing_with_one_rank() {
  kill_solvers 10 100 "$BALLAST"
}

time_limit long_test_three_hundred_killed_solvers_change_nothing 300
long_test_three_hundred_killed_solvers_change_nothing() {
  kill_solvers 300 3000 mpirun --oversubscribe -n 4 "$BALLAST"
}

jobs_done() {
  [[ $(find 'done' -type f | wc -l) -ge $1 ]]
}

test_nurseries_that_are_killed_change_nothing() {
  local nursery round
  seq 150 >text
  mkdir 'done'
  start_ranks 3 map text --progress never --batch-lines 1 --retries 20 --solvers 2 -o out -- sh -c 'sleep 0.02; touch "done/$BALLAST_JOB"; cat' 2>err
  local run=$!
  for round in 1 2 3; do
    wait_for 20 jobs_done $((round * 30))
    for nursery in $(processes_named ballast-nursery); do kill -KILL "$nursery"; done
  done
  expect_within 30 0 "$run"
  expect_same out text
  expect_empty err
}

test_commands_that_are_killed_are_tried_again() {
  seq 60 >text
  "$BALLAST" map text --progress never --batch-lines 1 --retries 20 --solvers 2 -o out -- sh -c 'sleep 0.02; cat' 2>err &
  local run=$! kills
  kill_at_random sh 0.05 "$run"
  wait "$run" || fail "exit status $?:" "$(<err)"
  expect_same out text
  [[ $kills -ge 5 ]] || fail "only $kills commands were killed"
}

run_tests "$@"
