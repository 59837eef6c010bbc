#!/usr/bin/env bash
# Runs that end before all is done: drained by a signal or in time, halted, or with jobs given up; and how they go on.
# shellcheck disable=SC2016  # what the commands expand is theirs
source "$(dirname "${BASH_SOURCE[0]}")/scene.bash"

# Gives its lines back, and notes in `ran` that it was started.
noted=(sh -c 'echo "$BALLAST_JOB" >>ran; sleep 0.02; cat')
endless=(sh -c 'echo "$BALLAST_JOB" >>ran; sleep 1000')

have_run() {
  [[ -e ran && $(wc -l <ran) -ge $1 ]]
}

# start_one ARG…: one rank, such that $! is the program itself; jobs of a line.
start_one() {
  "$BALLAST" map text --batch-lines 1 --progress never -o out "$@" 2>err &
}

start_launch() {
  "$BALLAST" launch -n 2 -- map text --batch-lines 1 --progress never -o out "$@" 2>err &
}

start_mpirun() {
  start_ranks 3 map text --batch-lines 1 --progress never -o out "$@" 2>err
}

# go_on_as_told: the printed line, literally.
go_on_as_told() {
  local line
  line=$(sed -n 's/.*go on with: //p' err)
  [[ -n $line ]] || fail 'no line tells how to go on:' "$(<err)"
  mkdir -p bin
  ln -sf "$BALLAST" bin/ballast
  PATH=$PWD/bin:$PATH bash -c "$line" 2>err-again || fail "exit status $? of: $line" "$(<err-again)"
  expect_same out text
  expect_contains err-again 'jobs were solved before'
}

# expect_repeated_at_most N: jobs that were started more than once
expect_repeated_at_most() {
  local repeated
  repeated=$(sort ran | uniq -d | wc -l)
  [[ $repeated -le $1 ]] || fail "$repeated jobs ran again"
}

# drain START SIGNAL: 75, nothing is lost that ran, and the printed line goes on.
drain() {
  rm -rf runs ran out
  seq 120 >text
  "$1" --run-dir runs -- "${noted[@]}"
  local run=$!
  wait_for 20 have_run 10
  kill "-$2" "$run"
  expect_within 10 75 "$run"
  expect_contains err "drained by SIG$2 \\([0-9]+ of 120 jobs are resolved\\)"
  expect_absent out out.partial
  go_on_as_told
  expect_repeated_at_most 0
}

# --- signals ---

test_a_signal_drains_a_run_of_one_rank() {
  local signal
  for signal in TERM INT USR1; do drain start_one "$signal"; done
}

test_a_signal_drains_a_launched_run() {
  local signal
  for signal in TERM INT USR1; do drain start_launch "$signal"; done
}

test_what_was_done_when_mpirun_is_told_to_end_is_not_lost() {
  seq 120 >text
  start_mpirun --run-dir runs -- "${noted[@]}"
  wait_for 20 have_run 20
  kill -TERM $!
  expect_within 6 1 $!
  expect_absent out out.partial
  go_on_as_told
  expect_repeated_at_most 2
}

test_without_a_run_directory_nothing_is_kept() {
  seq 10 >text
  start_one -- "${endless[@]}"
  wait_for 10 have_run 1
  kill -TERM $!
  expect_within 5 143 $!
  expect_only_message err 'SIGTERM.* nothing is kept'
  rm ran
  start_launch -- "${endless[@]}"
  wait_for 10 have_run 1
  kill -INT $!
  expect_within 8 130 $!
}

test_running_jobs_get_the_grace() {
  seq 4 >text
  start_one --solvers 2 --run-dir runs --grace 10s -- sh -c 'echo "$BALLAST_JOB" >>ran; sleep 1; cat'
  wait_for 10 have_run 2
  kill -TERM $!
  expect_within 8 75 $!
  expect_contains err '2 of 4 jobs are resolved'
  go_on_as_told
  expect_repeated_at_most 0
}

test_no_grace_ends_running_jobs_at_once() {
  seq 4 >text
  start_one --run-dir runs --grace 0 -- "${endless[@]}"
  wait_for 10 have_run 1
  kill -TERM $!
  expect_within 3 75 $!
  expect_contains err '0 of 4 jobs are resolved'
}

test_a_second_signal_ends_at_once() {
  seq 4 >text
  start_one --run-dir runs --grace 30s -- "${endless[@]}"
  wait_for 10 have_run 1
  kill -TERM $!
  wait_for 5 grep -q 'stopped by SIGTERM' err
  sleep 0.3  # sooner, it would be an echo of the first
  kill -TERM $!
  expect_within 3 143 $!
}

test_SIGCONT_alone_ends_nothing() {
  seq 60 >text
  start_mpirun -- "${noted[@]}"
  local run=$!
  wait_for 10 have_run 5
  kill -CONT "$(rank_process 0)"
  sleep 0.2
  kill -CONT "$(rank_process 0)"
  expect_within 20 0 "$run"
  expect_same out text
}

test_the_time_limit_drains_in_time() {
  local began status=0
  began=$(milliseconds)
  seq 200 >text
  start_one --solvers 1 --time-limit 2s --run-dir runs -- sh -c 'echo "$BALLAST_JOB" >>ran; sleep 0.05; cat'
  wait $! || status=$?
  expect_equal "$status" 75 "$(<err)"
  [[ $(($(milliseconds) - began)) -lt 3500 ]] || fail "took $(($(milliseconds) - began)) ms"
  have_run 5 || fail 'hardly anything ran'
  expect_contains err 'drained by its time limit .* --time-limit 2s'
  "$BALLAST" map text --batch-lines 1 --solvers 8 -o out --run-dir runs --resume -- sh -c 'echo "$BALLAST_JOB" >>ran; sleep 0.05; cat' 2>err ||
    fail "exit status $?"
  expect_same out text
  expect_repeated_at_most 0
}

# --- halts ---

# 100 jobs in order, of which those of 10 20 30 … fail.
some_fail='read -r x; echo "$x" >>ran; test $((x % 10)) != 0 && echo "$x"'

# halted WHEN…: exit status 1; the result is what was done, in order and without gaps but those of the failed.
halted() {
  rm -f ran
  seq 100 >text
  expect_status 1 "$BALLAST" map text --batch-lines 1 --progress never --retries 0 --solvers 1 -o out --halt "$1" -- sh -c "$some_fail" 2>err
  expect_contains err "halted by --halt $1"
  grep -v '0$' text | head -n "$(wc -l <out)" >wanted
  expect_same out wanted
  have_run "$2" || fail "only $(wc -l <ran) jobs ran"
  [[ $(wc -l <ran) -lt $(($2 + 8)) ]] || fail "$(wc -l <ran) jobs ran, $2 would do"
}

test_a_halt_delivers_what_was_done() {
  halted soon,fail=2 20
  halted now,fail=1 10
  halted soon,success=3 3
  halted soon,done=5 5
  halted soon,fail=2% 20
}

test_a_halt_now_kills_what_runs() {
  seq 10 >text
  start_one --solvers 2 --retries 0 --halt now,fail=1 -- sh -c 'read -r x; echo "$x" >>ran; test "$x" = 1 && sleep 1000; exit 1'
  expect_within 5 1 $!
  expect_contains err 'halted by --halt now,fail=1'
}

test_a_halted_run_goes_on() {
  seq 100 >text
  expect_status 1 "$BALLAST" map text --batch-lines 1 --solvers 1 -o out --run-dir runs --halt soon,success=7 -- "${noted[@]}" 2>err
  rm out
  "$BALLAST" map text --batch-lines 1 -o out --run-dir runs --resume -- "${noted[@]}" || fail "exit status $?"
  expect_same out text
  expect_repeated_at_most 0
}

# --- jobs given up ---

test_a_job_given_up_can_be_run_by_hand_and_tried_again() {
  local fragile=(sh -c 'read -r x; echo "$x" >>ran; if [ "$x" = 3 ] && ! [ -e mended ]; then echo broken >&2; exit 7; fi; echo "$x"')
  local map=("$BALLAST" map text --batch-lines 1 --retries 1 -o out --run-dir runs)
  seq 5 >text
  expect_status 1 "${map[@]}" -- "${fragile[@]}" 2>err
  expect_equal "$(<out)" "$(grep -v 3 text)"
  expect_equal "$(<runs/failed/2.input)" 3
  expect_equal "$(<runs/failed/2.stderr)" broken
  expect_contains runs/failed/2.txt 'given up after 2 failed attempts'
  expect_status 7 bash -c "$(sed -n 's/^by hand: //p' runs/failed/2.txt)" 2>/dev/null
  rm ran out
  expect_status 1 "${map[@]}" --resume -- "${fragile[@]}" 2>err
  expect_absent ran
  expect_equal "$(<out)" "$(grep -v 3 text)"
  expect_contains err '1 of 5 jobs given up \(job 2\)'
  touch mended
  expect_status 0 "${map[@]}" --resume-failed -- "${fragile[@]}" 2>err
  expect_equal "$(<ran)" 3
  expect_same out text
  expect_absent runs/failed/2.input runs/failed/2.stderr runs/failed/2.txt
  expect_status 0 "${map[@]}" --resume -- "${fragile[@]}" 2>err
  expect_equal "$(<ran)" 3
}

# kills_its_solver MAP…
kills_its_solver() {
  rm -f ran
  expect_status 1 "$@" map text --batch-lines 1 --progress never --retries 2 -o out -- sh -c 'read -r x; if [ "$x" = 3 ]; then echo "$x" >>ran; kill -9 $PPID; sleep 5; fi; echo "$x"' 2>err
  expect_equal "$(wc -l <ran)" 3 attempts
  expect_equal "$(<out)" "$(grep -vx 3 text)"
  expect_contains err 'job 2 given up after 3 attempts'
}

test_a_job_that_kills_its_solver_takes_no_more_than_its_attempts() {
  seq 20 >text
  kills_its_solver "$BALLAST"
  kills_its_solver "$BALLAST" launch -n 2 --
}

run_tests "$@"
