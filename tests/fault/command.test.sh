#!/usr/bin/env bash
# Commands that are missing, crash, hang, talk too much or leave somebody behind: one job's trouble, nobody else's.
# shellcheck disable=SC2016  # what the commands expand is theirs
source "$(dirname "${BASH_SOURCE[0]}")/scene.bash"

test_a_command_that_is_not_found_is_named_once_before_the_first_job() {
  expect_status 3 "$BALLAST" map "$dictionary" -o out -- no-such-command 2>err
  expect_only_message err 'no-such-command'
  expect_absent out out.partial
  expect_status 3 ranks 4 map "$dictionary" -o out -- no-such-command 2>err
  expect_message err 'no-such-command'
  expect_absent out out.partial
}

test_a_command_that_is_no_program_is_named_once() {
  echo text >script
  mkdir folder
  local command
  for command in ./script ./folder ./missing ''; do
    expect_status 3 "$BALLAST" map "$dictionary" -- "$command" >out 2>err
    expect_only_message err "\`${command}\`"
    expect_empty out
  done
}

test_a_command_that_ignores_its_input_is_fine() {
  seq 200000 >text
  "$BALLAST" map text --batch-bytes 256K -- echo finished >out || fail 'failed'
  expect_equal "$(sort -u out)" finished
  ranks 3 map text --batch-bytes 256K -- sh -c 'exec <&-; echo finished' >out || fail 'failed at 3 ranks'
  expect_equal "$(sort -u out)" finished
}

test_a_command_may_read_late_and_write_early() {
  # More than a pipe holds, in both directions at once.
  head -c 3000000 /dev/zero | tr '\0' x >text
  "$BALLAST" map text -- sh -c 'head -c 1000000 /dev/zero; cat; head -c 1000000 /dev/zero >&2' 2>err | wc -c >size
  expect_equal "$(<size)" 4000000
}

test_a_command_that_writes_much_does_not_fill_the_memory() {
  # An early job writes it all, and others wait for it.
  seq 20 >text
  start_ranks 3 map text --batch-lines 1 -o out -- \
    sh -c 'if [ "$BALLAST_JOB" = 1 ]; then head -c "$0" /dev/zero; else cat; fi' "$much"
  local run=$!
  wait_for 10 rank_process 0 >main
  watch_memory "$(head -n 1 main)" peak
  expect_within 1 0 "$run"
  expect_equal "$(stat -c %s out)" "$((much + $(wc -c <text) - 2))"
  expect_equal "$(tr -d '\0' <out | tr '\n' ' ')" "1 $(seq -s ' ' 3 20) "
  expect_memory peak 200
}

# That they are gone is looked at after each test.
test_what_a_command_leaves_behind_is_ended() {
  seq 4 >text
  "$BALLAST" map text --batch-lines 1 -- sh -c 'sleep 1000 & setsid sleep 1001 & cat' >out &
  expect_within 10 0 $!  # though they hold the pipe
  expect_same out text
  start_ranks 2 map text --batch-lines 1 -- sh -c 'sleep 1000 >/dev/null 2>&1 & setsid sleep 1001 & cat' >out
  expect_within 10 0 $!
  expect_same out text
}

test_a_crash_in_one_job_of_a_thousand_costs_this_job_alone() {
  seq 1000 >text
  grep -vx 501 text >wanted
  expect_status 1 ranks 3 map text --batch-lines 1 --retries 0 -o out -- \
    sh -c 'if [ "$BALLAST_JOB" = 500 ]; then kill -SEGV $$; fi; exec cat' 2>err
  expect_same out wanted
  expect_contains err '^ballast: job 500 given up after 1 attempt .*signal 11'
  expect_contains err '^ballast: 1 of 1000 jobs given up \(job 500\)'
  expect_equal "$(grep -c '^ballast: ' err)" 2
}

test_a_job_that_crashes_once_is_tried_again_and_nobody_notices() {
  seq 100 >text
  expect_status 0 ranks 3 map text --batch-lines 1 --retries 1 -- \
    sh -c 'cat; if [ "$BALLAST_JOB" = 50 ] && [ "$BALLAST_ATTEMPT" = 1 ]; then kill -KILL $$; fi' >out 2>err
  expect_same out text
  expect_empty err
}

test_a_failed_attempt_contributes_no_bytes() {
  seq 6 >text
  # Both attempts write more than a message holds before they fail.
  expect_status 1 ranks 2 map text --batch-lines 2 --retries 1 -o out -- \
    sh -c 'if [ "$BALLAST_JOB" = 1 ]; then head -c 5000000 /dev/zero; exit 3; fi; cat' 2>err
  printf '1\n2\n5\n6\n' | cmp - out || fail "the result is not right"
  expect_contains err 'job 1 given up after 2 attempts \(exit status 3'
}

test_a_failure_shows_its_status_and_what_it_said() {
  seq 3 >text
  expect_status 1 ranks 2 map text --batch-lines 1 --retries 0 -- \
    sh -c 'if [ "$BALLAST_JOB" = 2 ]; then echo "out of luck" >&2; exit 3; fi; cat' >out 2>err
  printf '1\n2\n' | cmp - out || fail "the result is not right"
  expect_contains err '^ballast: job 2 given up after 1 attempt \(exit status 3, last on rank 1\)$'
  expect_contains err '^\[job 2\] out of luck$'
  expect_contains err '^ballast: 1 of 3 jobs given up \(job 2\)'
}

test_a_thousand_failures_are_counted_and_not_all_told() {
  seq 1000 >text
  expect_status 1 "$BALLAST" map text --batch-lines 1 --retries 0 -- false >out 2>err
  expect_empty out
  expect_contains err '^ballast: 1000 of 1000 jobs given up'
  [[ $(wc -l <err) -lt 30 ]] || fail "$(wc -l <err) lines"
}

test_a_status_that_is_accepted_is_no_failure() {
  printf 'a\nb\na\n' >text
  expect_status 0 "$BALLAST" map text --batch-lines 1 --accept-status 0,1 -- grep a >out 2>err
  printf 'a\na\n' | cmp - out || fail 'the result is not right'
  expect_empty err
  expect_status 1 "$BALLAST" map text --batch-lines 1 --retries 0 -- grep a >out 2>err
  printf 'a\na\n' | cmp - out || fail 'the result is not right'
  expect_contains err '1 of 3 jobs given up \(job 1\)'
  expect_status 1 "$BALLAST" map text --batch-lines 1 --retries 0 --accept-status 1 -- grep a >out 2>err
  expect_contains err '2 of 3 jobs given up \(jobs (0 2|2 0)\)'
}

test_a_command_that_hangs_is_ended_at_its_time_limit() {
  seq 6 >text
  seq 6 | grep -v 3 >wanted
  start_ranks 3 map text --batch-lines 1 --timeout 0.5s --retries 1 -o out -- \
    sh -c 'if [ "$BALLAST_JOB" = 2 ]; then trap "" TERM; sleep 1000 & wait; fi; cat' 2>err
  expect_within 15 1 $!
  expect_same out wanted
  expect_contains err 'job 2 given up after 2 attempts \(ran longer than 500 ms'
}

test_a_time_limit_may_be_a_share_of_the_median() {
  seq 12 >text
  grep -vx 6 text >wanted
  start_ranks 3 map text --batch-lines 1 --timeout 1000% --retries 0 -o out -- \
    sh -c 'if [ "$BALLAST_JOB" = 5 ]; then sleep 1000; fi; sleep 0.05; cat' 2>err
  expect_within 20 1 $!
  expect_same out wanted
  expect_contains err 'job 5 given up after 1 attempt \(ran longer than'
}

test_commands_do_not_see_each_other_s_files_nor_the_terminal() {
  echo record >text
  expect_status 0 ranks 2 map text --solvers 2 -- sh -c 'ls /proc/self/fd | wc -l' >out
  expect_equal "$(<out)" 4 'descriptors: 0, 1, 2, and that of ls'
  expect_status 0 "$BALLAST" map text -o result -- sh -c 'ls /proc/self/fd | wc -l'
  expect_equal "$(<result)" 4 'descriptors: 0, 1, 2, and that of ls'
}

test_a_command_inside_the_rank_crashes_alone_too() {
  seq 30 >text
  grep -vx 11 text >wanted
  expect_status 1 ranks 3 map text --batch-lines 1 --retries 0 --solvers 0 -- \
    sh -c 'if [ "$BALLAST_JOB" = 10 ]; then kill -SEGV $$; fi; exec cat' >out 2>err
  expect_same out wanted
  expect_contains err '1 of 30 jobs given up \(job 10\)'
}

run_tests "$@"
