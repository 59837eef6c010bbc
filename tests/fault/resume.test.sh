#!/usr/bin/env bash
# Runs with a run directory: whatever has ended them, --resume goes on, and the bytes are those of one undisturbed run.
# shellcheck disable=SC2016  # what the commands expand is theirs
source "$(dirname "${BASH_SOURCE[0]}")/scene.bash"

# Gives its lines back, and notes in `ran` that it was started.
noted=(sh -c 'echo "$BALLAST_JOB" >>ran; sleep 0.01; cat')

# kept ARG…: one rank, jobs of a line, kept in runs; the words behind `-- ` are the command.
kept() {
  "$BALLAST" map text --batch-lines 1 --progress never -o out --run-dir runs "$@"
}

# such that $! is the program itself
start_kept() {
  "$BALLAST" map text --batch-lines 1 --progress never -o out --run-dir runs "$@" 2>err &
}

start_kept_launch() {
  "$BALLAST" launch -n "$1" -- map text --batch-lines 1 --progress never -o out --run-dir runs "${@:2}" 2>err &
}

have_run() {
  [[ -e ran && $(wc -l <ran) -ge $1 ]]
}

nothing_of_it_lives() {
  [[ -z $(processes_named ballast)$(processes_named ballast-nursery)$(processes_named ballast-solver)$(processes_named sh) ]]
}

# expect_repeated_at_most N: jobs that were started more than once
expect_repeated_at_most() {
  local repeated
  repeated=$(sort ran | uniq -d | wc -l)
  [[ $repeated -le $1 ]] || fail "$repeated jobs ran again"
}

# --- killed ---

test_a_killed_run_goes_on_with_other_ranks_and_another_policy() {
  seq 300 >text
  start_kept_launch 3 --policy self -- "${noted[@]}"
  local run=$!
  wait_for 20 have_run $((RANDOM % 150 + 30))
  kill -KILL "$(rank_process 0)"
  expect_within 10 4 "$run"
  expect_absent out
  kept --resume --policy guided --solvers 3 -- "${noted[@]}" 2>err || fail "exit status $?" "$(<err)"
  expect_same out text
  expect_contains err 'jobs were solved before'
  expect_repeated_at_most 60
}

# time_eight_runs ARG…: of one rank, in milliseconds.
time_eight_runs() {
  local began
  began=$(milliseconds)
  for _ in 1 2 3 4 5 6 7 8; do
    rm -rf runs
    seq 50 | "$BALLAST" upper --work 1ms:1ms --solvers 2 "$@" >/dev/null || fail "exit status $?"
  done
  printf '%s' $(($(milliseconds) - began))
}

# What is done is synced every 250 ms, but the end of a run does not wait for that.
test_the_end_of_a_run_does_not_wait_for_the_next_sync() {
  local plain durable
  plain=$(time_eight_runs)
  durable=$(time_eight_runs --run-dir runs)
  [[ $((durable - plain)) -lt 1000 ]] || fail "$durable ms with a run directory, $plain ms without"
}

test_a_killed_run_of_one_rank_goes_on_with_several() {
  seq 200 >text
  start_kept --solvers 2 -- "${noted[@]}"
  wait_for 20 have_run $((RANDOM % 100 + 30))
  kill -KILL $!
  wait $!
  wait_for 4 nothing_of_it_lives
  expect_absent out
  ranks 3 map text --batch-lines 1 --progress never -o out --run-dir runs --resume --policy trapezoid -- "${noted[@]}" ||
    fail "exit status $?"
  expect_same out text
  expect_repeated_at_most 40
}

test_a_run_may_be_killed_again_and_again() {
  seq 300 >text
  for _ in 1 2 3 4 5; do
    rm -f ran
    start_kept --resume --solvers 2 -- "${noted[@]}"
    wait_for 20 have_run $((RANDOM % 40 + 1))
    kill -KILL $!
    wait $!
  done
  kept --resume -- "${noted[@]}" || fail "exit status $?"
  expect_same out text
}

test_a_finished_run_gives_its_result_again_and_starts_no_command() {
  seq 50 >text
  kept -- "${noted[@]}" || fail "exit status $?"
  rm ran out
  kept --resume -- "${noted[@]}" || fail "exit status $?"
  expect_same out text
  expect_absent ran
  "$BALLAST" map text --batch-lines 1 --run-dir runs --resume -- "${noted[@]}" >printed || fail "exit status $?"
  expect_same printed text
  expect_absent ran
}

test_large_solutions_are_kept_apart_and_given_again() {
  local large=(sh -c 'echo "$BALLAST_JOB" >>ran; head -c 3000000 /dev/zero | tr "\0" "$BALLAST_JOB"; cat')
  seq 4 >text
  kept -- "${large[@]}" || fail "exit status $?"
  mv out wanted
  rm ran
  expect_equal "$(find runs/solutions -type f -size +2900k | wc -l)" 4
  kept --resume -- "${large[@]}" || fail "exit status $?"
  expect_same out wanted
  expect_absent ran
  flip runs/solutions/2.* 1000000
  kept --resume -- "${large[@]}" 2>err || fail "exit status $?"
  expect_contains err '1 solution in .*solutions is damaged'
  expect_same out wanted
  expect_equal "$(<ran)" 2
}

# One rank, a launch with its Main Node killed, or a launch killed itself, in turn.
time_limit long_test_ten_thousand_jobs_killed_twenty_times_are_those_of_one_undisturbed_run 600
long_test_ten_thousand_jobs_killed_twenty_times_are_those_of_one_undisturbed_run() {
  local command=(sh -c 'echo "$BALLAST_JOB" >>ran; tr 0-9 a-j; if [ $((BALLAST_JOB % 500)) = 7 ]; then head -c 3000000 /dev/zero; fi')
  local round policy policies=(auto self guided static factoring)
  seq 10000 >text
  kept --solvers 2 -- "${command[@]}" || fail 'failed undisturbed'
  mv out wanted
  rm -r runs
  for ((round = 0; round < 20; ++round)); do
    policy=${policies[round % 5]}
    rm -f ran
    if [[ $((round % 3)) == 0 ]]; then
      start_kept --resume --policy "$policy" --solvers $((round % 4 + 1)) -- "${command[@]}"
    else
      start_kept_launch $((round % 4 + 1)) --resume --policy "$policy" -- "${command[@]}"
    fi
    wait_for 60 have_run 1
    sleep "0.$((RANDOM % 900 + 100))"
    if [[ $((round % 3)) == 1 ]]; then kill -KILL "$(rank_process 0)"; else kill -KILL $!; fi
    wait $!
    wait_for 20 nothing_of_it_lives
    expect_absent out
  done
  kept --resume -- "${command[@]}" || fail "exit status $?" "$(<err)"
  expect_same out wanted
}

# --- what is the same run ---

test_a_used_directory_needs_resume() {
  seq 5 >text
  kept -- cat || fail "exit status $?"
  expect_status 2 kept -- cat 2>err
  expect_only_message err 'has been used .*--resume'
}

test_resume_of_what_is_absent_or_empty_begins() {
  seq 20 >text
  kept --resume -- cat || fail "exit status $?"
  expect_same out text
  rm -r runs
  mkdir runs
  kept --resume-failed -- cat || fail "exit status $?"
  expect_same out text
}

test_resume_without_a_directory_is_refused() {
  seq 5 >text
  expect_status 2 "$BALLAST" map text --resume -- cat 2>err
  expect_only_message err 'nothing to resume .*--run-dir'
  expect_status 2 "$BALLAST" map text --resume-failed -- cat 2>err
  expect_only_message err 'nothing to resume'
}

test_another_dataset_command_or_batch_is_another_run() {
  seq 100 199 >text
  kept -- cat || fail "exit status $?"
  expect_status 2 kept --resume -- tac 2>err
  expect_only_message err 'belongs to another run'
  expect_status 2 "$BALLAST" map text --batch-lines 2 --run-dir runs --resume -- cat 2>err
  expect_only_message err 'belongs to another run'
  sed 's/150/051/' text >other
  touch -r text other
  mv other text
  expect_status 2 kept --resume -- cat 2>err
  expect_only_message err '(belongs to another run|not what|changed|differs)'
}

test_two_runs_cannot_share_a_directory() {
  seq 500 >text
  start_kept --solvers 1 -- sh -c 'echo "$BALLAST_JOB" >>ran; sleep 0.02; cat'
  local run=$!
  wait_for 10 have_run 5
  expect_status 2 "$BALLAST" map text --batch-lines 1 -o other --run-dir runs --resume -- cat 2>second
  expect_only_message second "is in use .*by pid $run "
  kill -KILL "$run"
  wait_for 4 nothing_of_it_lives
}

test_standard_input_is_kept() {
  start_streamed() { "$BALLAST" map --batch-lines 1 --progress never -o out --run-dir runs "$@" -- "${noted[@]}" 2>err & }
  seq 200 >text
  start_streamed <text
  wait_for 20 have_run 40
  kill -KILL $!
  wait $!
  wait_for 4 nothing_of_it_lives
  start_streamed --resume </dev/null
  expect_within 20 0 $!
  expect_same out text
}

test_standard_input_that_was_not_kept_whole_is_never_taken_for_whole() {
  local status=0
  seq 200 >text
  mkfifo input
  "$BALLAST" map --batch-lines 1 --progress never -o out --run-dir runs -- cat <input 2>err &
  local run=$!
  exec 4>input
  head -n 100 text >&4
  sleep 0.5
  kill -KILL "$run"
  wait "$run"
  exec 4>&-
  "$BALLAST" map --batch-lines 1 --progress never -o out --run-dir runs --resume -- cat <text 2>err || status=$?
  if [[ $status == 0 ]]; then expect_same out text; else expect_absent out; fi
}

test_a_stream_that_ends_before_what_was_solved_is_another_dataset() {
  seq 100 >text
  kept_stream() { "$BALLAST" map stream --batch-lines 1 --progress never -o out --run-dir runs "$@" -- cat; }
  mkfifo stream
  cat text >stream &
  kept_stream || fail "exit status $?"
  head -n 50 text >stream &
  expect_status 2 kept_stream --resume 2>err
  expect_contains err 'job 99 was solved \(it has no such job'
  cat text >stream &
  kept_stream --resume || fail "exit status $?"
  expect_same out text
}

# --- the disk ---

test_a_run_directory_is_its_owners_alone() {
  umask 0
  seq 4 >text
  expect_status 1 kept --retries 0 -- sh -c 'head -c 2000000 /dev/zero; read -r x; test "$x" != 3' <text 2>err
  "$BALLAST" map --run-dir streamed -o out -- cat <text || fail "exit status $?"
  expect_present runs/journal runs/failed/2.input streamed/input
  expect_equal "$(find runs streamed -type d ! -perm 0700)" ''
  expect_equal "$(find runs streamed -type f ! -perm 0600)" ''
}

# flip FILE PLACE: all bits of one byte
flip() {
  local byte
  byte=$(od -An -tu1 -j "$2" -N 1 "$1")
  printf '%b' "\\x$(printf '%x' $((255 - byte)))" | dd of="$1" bs=1 seek="$2" conv=notrunc status=none
}

# resume_damaged DAMAGE…: what a finished run has left is damaged, and gives the same bytes all the same.
resume_damaged() {
  seq 100 >text
  kept -- "${noted[@]}" || fail "exit status $?"
  rm ran out
  "$@"
  kept --resume -- "${noted[@]}" 2>err || fail "exit status $?" "$(<err)"
  expect_same out text
  expect_equal "$(grep -c 'was damaged' err)" 1
  expect_present runs/journal.damaged-1 ran
  [[ $(wc -l <ran) -lt 100 ]] || fail 'all jobs ran again'
  rm ran
  kept --resume -- "${noted[@]}" 2>err || fail "exit status $?"
  expect_same out text
  expect_absent ran
  ! grep -q damaged err || fail 'warned twice'
}

test_a_journal_that_lost_its_last_bytes_is_mended() {
  resume_damaged truncate -s -9 runs/journal
}

test_a_journal_with_a_flipped_byte_is_mended() {
  flip_middle() { flip runs/journal $(($(stat -c %s runs/journal) / 2)); }
  resume_damaged flip_middle
}

test_what_is_no_journal_is_not_touched() {
  seq 10 >text
  kept -- cat || fail "exit status $?"
  flip runs/journal 2
  cp runs/journal before
  expect_status 3 kept --resume -- cat 2>err
  expect_only_message err 'journal'
  expect_same runs/journal before
}

# Files are at most 20 KiB from here on, which a write tells as it tells a full disk.
limited() {
  (
    trap '' XFSZ
    ulimit -f 20
    exec "$@"
  )
}

test_a_full_disk_is_said_once_and_the_run_goes_on_when_there_is_room() {
  seq 1000 1399 >text
  expect_status 3 limited "$BALLAST" map text --batch-lines 1 --progress never -o out --run-dir runs -- sh -c 'cat; head -c 100 /dev/zero' 2>err
  expect_only_message err 'cannot write .*journal'
  expect_absent out out.partial
  kept --resume -- sh -c 'cat; head -c 100 /dev/zero' 2>err || fail "exit status $?" "$(<err)"
  expect_contains err 'jobs were solved before'
  while read -r line; do
    printf '%s\n' "$line"
    head -c 100 /dev/zero
  done <text >wanted
  expect_same out wanted
}

# In a mount namespace of its own, so that nothing is left mounted.
full_disk_script='mount -t tmpfs -o size=200k none runs || exit 77
run() { "$BALLAST" map text --batch-lines 1 --progress never -o out --run-dir runs/a "$@" -- sh -c "cat; head -c 1000 /dev/zero"; }
run 2>err
status=$?
mount -o remount,size=20m runs
run --resume 2>err-again || exit
exit $((status + 100))'

test_a_full_file_system_is_a_full_disk() {
  local status=0
  seq 1000 1299 >text
  mkdir runs
  unshare -m true 2>/dev/null || return 0
  unshare -m bash -c "$full_disk_script" || status=$?
  if [[ $status == 77 ]]; then return 0; fi
  expect_equal "$status" 103 "$(cat err err-again)"
  expect_only_message err 'No space left|disk is full'
  expect_equal "$(tr -d '\0' <out | cmp - text && echo same)" same
}

test_a_directory_that_cannot_be_written_is_named() {
  if [[ $(id -u) == 0 ]]; then return 0; fi
  seq 5 >text
  mkdir -m 0500 runs
  expect_status 3 kept -- cat 2>err
  expect_only_message err 'cannot write .*runs'
}

run_tests "$@"
