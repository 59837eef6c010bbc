#!/usr/bin/env bash
# Results that cannot be written, and readers that go away.
source "$(dirname "${BASH_SOURCE[0]}")/scene.bash"

# expect_refused REGEX COMMAND…
expect_refused() {
  local pattern=$1
  shift
  expect_status 3 "$@" 2>err
  expect_message err "$pattern"
}

test_an_output_that_is_a_directory_is_named_once() {
  mkdir folder
  expect_refused 'cannot write folder \(Is a directory\)' "$BALLAST" map "$dictionary" -o folder -- cat
  expect_refused 'cannot write folder \(Is a directory\)' ranks 4 map "$dictionary" -o folder -- cat
  expect_absent folder.partial
}

test_an_output_in_a_folder_that_is_not_there_is_named_once() {
  expect_refused 'cannot write nowhere/out \(No such file' "$BALLAST" map "$dictionary" -o nowhere/out -- cat
  expect_refused 'cannot write nowhere/out \(No such file' ranks 4 map "$dictionary" -o nowhere/out -- cat
}

test_an_output_that_may_not_be_written_is_named_once_and_left_alone() {
  local -a as_nobody=()
  mkdir locked
  echo before >locked/out
  chmod 444 locked/out
  if [[ $(id -u) == 0 ]]; then
    chmod 755 .. ../.. locked
    as_nobody=(setpriv --reuid 65534 --regid 65534 --clear-groups)
    "${as_nobody[@]}" test -x "$BALLAST" -a -x . || return 0  # out of nobody's reach: no test
  else
    chmod 555 locked
  fi
  expect_refused 'cannot write locked/out \(Permission denied\)' "${as_nobody[@]}" "$BALLAST" map "$dictionary" -o locked/out -- cat
  expect_refused 'cannot write locked/new \(Permission denied\)' "${as_nobody[@]}" "$BALLAST" map "$dictionary" -o locked/new -- cat
  chmod 755 locked
  expect_equal "$(<locked/out)" before
}

test_an_output_takes_the_place_of_the_old_one_only_when_it_is_whole() {
  echo before >out
  chmod 640 out
  expect_status 1 "$BALLAST" map "$dictionary" -o out --retries 0 -- sh -c 'cat out; test "$BALLAST_JOB" != 1' 2>/dev/null
  expect_equal "$(sort -u out)" before 'a job has seen another old file'
  expect_equal "$(stat -c %a out)" 640
  expect_absent out.partial
}

test_an_output_that_is_given_up_halfway_leaves_the_old_one() {
  echo before >out
  expect_status 3 bash -c 'ulimit -f 100; exec "$@"' - "$BALLAST" map "$dictionary" -o out -- cat 2>err
  expect_only_message err 'cannot write .*out \(File too large\)'
  expect_equal "$(<out)" before
  expect_absent out.partial
}

test_a_file_that_may_not_grow_further_ends_the_run_of_several_ranks() {
  seq 3000000 >text
  # 16 MiB: enough for what Open MPI shares, not for the result.
  expect_status 3 bash -c 'ulimit -f 16384; exec "$@"' - \
    mpirun --oversubscribe -n 3 "$BALLAST" map text -o out --batch-bytes 1M -- cat 2>err
  expect_message err 'cannot write .*out \(File too large\)'
  expect_absent out out.partial
}

# with_tiny_disk COMMAND…: `disk` has room for 256 KiB, for this command only.
with_tiny_disk() {
  unshare --mount bash -c 'mount -t tmpfs -o size=256k tiny disk && exec "$@"' - "$@"
}

test_a_tiny_disk_ends_the_run_and_leaves_no_half_result() {
  mkdir disk
  with_tiny_disk true 2>/dev/null || return 0  # only root may mount
  # shellcheck disable=SC2016
  local script='"$@"; status=$?; ls -A disk >left; exit "$status"'
  expect_status 3 with_tiny_disk bash -c "$script" - "$BALLAST" map "$dictionary" -o disk/out -- cat 2>err
  expect_only_message err 'cannot write .*disk/out \(No space left on device\)'
  expect_empty left
  expect_status 3 with_tiny_disk bash -c "$script" - \
    mpirun --oversubscribe -n 3 "$BALLAST" map "$dictionary" -o disk/out -- cat 2>err
  expect_message err 'cannot write .*disk/out \(No space left on device\)'
  expect_empty left
}

test_a_full_folder_for_temporary_files_is_named() {
  mkdir disk
  with_tiny_disk true 2>/dev/null || return 0
  # The first job waits for the last; what waits for the first does not fit into memory.
  # shellcheck disable=SC2016
  local command='cat >/dev/null; if [ "$BALLAST_JOB" = 0 ]; then sleep 60; fi; head -c 1000000 /dev/zero'
  seq 200 >text
  expect_status 3 with_tiny_disk env TMPDIR="$PWD/disk" "$BALLAST" map text -o out --batch-lines 1 --solvers 2 -- sh -c "$command" 2>err
  expect_only_message err 'cannot set work aside in .*disk \(No space left on device\)'
  expect_absent out out.partial
}

test_a_closed_standard_output_is_an_error() {
  local input
  echo record >small
  for input in small "$dictionary"; do
    "$BALLAST" map "$input" -- cat >&- 2>err &
    expect_within 10 3 $!
    expect_only_message err 'standard output'
  done
}

test_standard_output_that_is_full_is_an_error() {
  [[ -c /dev/full ]] || return 0
  expect_status 3 "$BALLAST" map "$dictionary" -- cat >/dev/full 2>err
  expect_only_message err 'cannot write standard output \(No space left on device\)'
  expect_status 3 "$BALLAST" upper --work 0:0 one >/dev/full 2>err
  expect_only_message err 'cannot write standard output \(No space left on device\)'
}

test_a_device_is_written_to_and_not_replaced() {
  expect_status 0 "$BALLAST" map "$dictionary" -o /dev/stdout -- cat | cmp - "$dictionary" || fail 'not itself'
  mkfifo pipe
  cat pipe >out &
  expect_status 0 "$BALLAST" map "$dictionary" -o pipe -- cat
  wait $!
  expect_same out "$dictionary"
  [[ -p pipe ]] || fail 'the pipe has been replaced'
}

test_two_runs_do_not_write_the_same_output() {
  mkfifo gate
  "$BALLAST" map "$dictionary" -o out -- sh -c 'test "$BALLAST_JOB" != 0 || read -r _ <gate; cat' &
  local run=$!
  exec 4<>gate
  wait_for 10 test -e out.partial
  wait_for 10 expect_lock out.partial
  expect_status 3 "$BALLAST" map "$dictionary" -o out -- tr a-z A-Z 2>err
  expect_only_message err 'another run is writing'
  echo go >&4
  expect_within 20 0 "$run"
  expect_same out "$dictionary"
}
expect_lock() {
  ! flock -n "$1" true
}

test_what_a_killed_run_has_left_does_not_stop_the_next() {
  echo 'half a result' >out.partial
  expect_status 0 "$BALLAST" map "$dictionary" -o out -- cat
  expect_same out "$dictionary"
  expect_absent out.partial
}

test_the_result_is_delivered_while_the_run_goes_on() {
  mkfifo gate
  seq 3 | "$BALLAST" map --batch-lines 1 --solvers 1 -- sh -c 'test "$BALLAST_JOB" != 2 || read -r _ <gate; cat' >out &
  local run=$!
  exec 4<>gate
  wait_for 10 grep -q 2 out
  echo go >&4
  expect_within 10 0 "$run"
  expect_equal "$(tr '\n' ' ' <out)" '1 2 3 '
}

test_a_reader_that_goes_away_ends_a_run_of_one_rank_at_once() {
  local began
  began=$(milliseconds)
  # Hours of work, if nobody noticed.
  yes 'a line of text' | {
    "$BALLAST" map --batch-lines 10 -- sh -c 'cat; sleep 0.01' 2>err
    echo "$?" >status
  } | head -n 1 >out
  wait_for 10 test -s status
  expect_equal "$(<status)" 0 'the exit status'
  [[ $(($(milliseconds) - began)) -lt 5000 ]] || fail "took $(($(milliseconds) - began)) ms"
  expect_equal "$(<out)" 'a line of text'
  expect_empty err
}

test_a_reader_that_is_never_there_ends_a_run_of_one_rank() {
  {
    "$BALLAST" map "$dictionary" -- cat 2>err
    echo "$?" >status
  } | true
  wait_for 10 test -s status
  expect_equal "$(<status)" 0 'the exit status'
  expect_empty err
}

test_a_reader_that_goes_away_under_mpirun_leaves_nothing_of_ours() {
  seq 2000000 | ranks 3 map --batch-bytes 256K -- cat 2>err | head -n 1 >out
  expect_equal "$(<out)" 1
  wait_for 3 expect_no_process
  clear_after_mpirun
}
expect_no_process() {
  [[ -z $(processes_named ballast)$(processes_named ballast-nursery)$(processes_named ballast-solver) ]]
}

run_tests "$@"
