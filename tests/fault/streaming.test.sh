#!/usr/bin/env bash
# Datasets and results larger than the memory that may be used for them, and whoever is slow.
# shellcheck disable=SC2016  # what the commands expand is theirs
source "$(dirname "${BASH_SOURCE[0]}")/scene.bash"

# In the folder `done`: a file for each job that has been computed.
jobs_done() {
  [[ $(find 'done' -type f | wc -l) -ge $1 ]]
}

# Each job becomes a million bytes; the first waits for its gate.
multiply='if [ "$BALLAST_JOB" = 0 ]; then touch waiting; read -r _ <gate; fi
  cat; head -c 1000000 /dev/zero; touch "done/$BALLAST_JOB"'

# expect_multiplied FILE COUNT
expect_multiplied() {
  expect_equal "$(stat -c %s "$1")" "$(($2 * 1000000 + $(seq "$2" | wc -c)))" 'bytes'
  tr -d '\0' <"$1" | cmp - <(seq "$2") || fail 'the order is not that of the dataset'
}

test_an_early_job_that_is_late_neither_stops_the_nodes_nor_fills_the_memory() {
  seq 300 >text
  mkdir 'done'
  mkfifo gate
  exec 4<>gate
  start_ranks 3 map text --batch-lines 1 --prefetch 0 -o out -- sh -c "$multiply"
  local run=$!
  wait_for 10 test -e waiting
  wait_for 10 rank_process 0 >main
  watch_memory "$(head -n 1 main)" peak &
  wait_for 40 jobs_done 299
  expect_absent done/0 out
  echo go >&4
  expect_within 30 0 "$run"
  expect_multiplied out 300
  expect_memory peak 200
}

test_a_reader_that_does_not_read_holds_the_run_back_and_not_in_memory() {
  local before after
  seq 400 >text
  mkdir 'done'
  mkfifo output
  "$BALLAST" map text --batch-lines 1 -- sh -c 'cat; head -c 1000000 /dev/zero; touch "done/$BALLAST_JOB"' >output &
  local run=$!
  exec 4<output
  watch_memory "$run" peak &
  after=$(find 'done' -type f | wc -l)
  until [[ $after -gt 100 && ${before:-} == "$after" ]]; do
    before=$after
    sleep 1
    after=$(find 'done' -type f | wc -l)
  done
  [[ $after -lt 360 ]] || fail "$after of 400 jobs were run though nobody took their solutions"
  cat <&4 >out
  expect_within 5 0 "$run"
  expect_multiplied out 400
  expect_memory peak 200
}

test_a_stream_larger_than_the_memory_passes() {
  seq -f '%.0f: a line like many others, of some length' $((much / 50)) | tee >(wc -c >size) |
    "$BALLAST" map --batch-bytes 1M -o out -- wc -c &
  local run=$!
  watch_memory "$run" peak
  expect_within 30 0 "$run"
  expect_equal "$(awk '{ sum += $1 } END { print sum }' out)" "$(<size)"
  [[ $(<size) -gt $((much * 4 / 5)) ]] || fail 'the stream is too small'
  expect_memory peak 200
}
test_a_record_is_solved_before_the_next_is_there() {
  mkfifo input
  "$BALLAST" map --batch-lines 1 -- cat <input >out &
  local run=$!
  exec 4>input
  printf 'one\n' >&4
  wait_for 10 grep -qx one out
  printf 'two\nthree\n' >&4
  wait_for 10 grep -qx three out
  exec 4>&-
  expect_within 10 0 "$run"
}

processor_ticks() {
  awk '{ print $14 + $15 }' "/proc/$1/stat"
}

test_the_main_node_sleeps_while_jobs_run() {
  local main before ticks per_second
  per_second=$(getconf CLK_TCK)
  seq 100000 >text
  mkdir 'done'
  start_ranks 4 map text --batch-lines 1 -o out -- sh -c 'touch "done/$BALLAST_JOB"; exec sleep 0.01' 2>err
  local run=$!
  wait_for 10 jobs_done 30
  main=$(rank_process 0)
  before=$(processor_ticks "$main")
  sleep 2
  ticks=$(($(processor_ticks "$main") - before))
  kill -TERM "$run"
  expect_within 6 1 "$run"
  # It takes 2 % of a processor, or more where that is in use; one that waits by looking takes what it can get.
  [[ $((ticks * 100)) -lt $((10 * 2 * per_second)) ]] || fail "the Main Node took $ticks of $((2 * per_second)) ticks"
}

run_tests "$@"
