#!/usr/bin/env bash
# The demo of the AML-IP workload: words out, upper case back, in order.
source "$(dirname "${BASH_SOURCE[0]}")/scene.bash"

test_each_word_is_a_job_and_comes_back_in_order() {
  printf 'FIRST JOB\nSECOND JOB\nTHIRD\n' >wanted
  local count
  expect_status 0 "$BALLAST" upper --work 0:0 'first job' 'second job' third >out 2>err
  expect_same out wanted
  expect_empty err
  for count in 1 2 4; do
    expect_status 0 ranks "$count" upper --work 0:0 'first job' 'second job' third >out
    expect_same out wanted
  done
}

test_many_words_keep_their_order_whatever_the_policy() {
  local policy
  seq -f 'word %.0f' 3000 | tr a-z A-Z >wanted
  for policy in static cyclic self guided auto; do
    seq -f 'word %.0f' 3000 | ranks 4 upper --work 0:0 --policy "$policy" --solvers 2 >out || fail "failed with $policy"
    expect_same out wanted
  done
}

test_lines_of_standard_input_are_jobs_up_to_an_empty_one() {
  printf 'one\ntwo words\n\nnever seen\n' >text
  printf 'ONE\nTWO WORDS\n' >wanted
  expect_status 0 "$BALLAST" upper --work 0:0 <text >out
  expect_same out wanted
  expect_status 0 fed_ranks text 4 upper --work 0:0 >out
  expect_same out wanted
}

test_words_that_were_typed_are_kept_for_a_resumed_run() {
  printf 'one\ntwo words\n\nnever seen\n' >text
  printf 'ONE\nTWO WORDS\n' >wanted
  expect_status 0 "$BALLAST" upper --work 0:0 --run-dir run <text >out
  expect_same out wanted
  expect_status 0 "$BALLAST" upper --work 0:0 --run-dir run --resume </dev/null >again
  expect_same again wanted
}

test_the_end_of_input_is_the_end_of_the_dataset() {
  expect_status 0 "$BALLAST" upper --work 0:0 </dev/null >out 2>err
  expect_empty out
  expect_empty err
  printf 'without newline' >text
  expect_status 0 fed_ranks text 2 upper --work 0:0 >out
  expect_equal "$(<out)" 'WITHOUT NEWLINE'
}

# Several times: what waits for the keyboard must not hold what solves, whichever comes first.
test_a_line_is_solved_before_the_next_is_typed() {
  local run _
  mkfifo keyboard
  for _ in 1 2 3 4 5; do
    : >out
    "$BALLAST" upper --work 0:0.001 <keyboard >out &
    run=$!
    exec 4>keyboard
    echo first >&4
    wait_for 10 grep -q FIRST out
    echo second >&4
    wait_for 10 grep -q SECOND out
    echo >&4
    expect_within 10 0 "$run"
    exec 4>&-
  done
}

test_a_bar_is_shown_at_a_terminal_but_not_among_the_results() {
  local line="'$BALLAST' upper -j 1 --work 0.4:0.4 a b c"
  script -qec "$line >out" /dev/null >terminal </dev/null
  expect_contains terminal '3 jobs'
  script -qec "$line" /dev/null >terminal </dev/null
  expect_equal "$(tr -d '\r\n' <terminal)" ABC
}

test_pretended_work_takes_its_time_and_is_shared_by_the_nodes() {
  local began took
  began=$(milliseconds)
  expect_status 0 ranks 4 upper --work 0.5:0.6 a b c d e f >out
  took=$(($(milliseconds) - began))
  expect_equal "$(tr -d '\n' <out)" ABCDEF
  [[ $took -ge 1000 && $took -lt 3000 ]] || fail "six times 0.5 s on three nodes took $took ms"
}

test_the_example_program_runs_at_any_number_of_ranks() {
  : "${BALLAST_EXAMPLES:?names the folder of the examples}"
  local count
  "$BALLAST_EXAMPLES/uppercase" one two three >out || fail 'failed alone'
  expect_equal "$(tr '\n' ' ' <out)" 'ONE TWO THREE '
  for count in 1 2 4; do
    mpirun --oversubscribe -n "$count" "$BALLAST_EXAMPLES/uppercase" one two three >out || fail "failed at $count ranks"
    expect_equal "$(tr '\n' ' ' <out)" 'ONE TWO THREE '
  done
}

run_tests "$@"
