#!/usr/bin/env bash
# Inputs as they come: missing, odd, huge. What can be read comes out as it went in; what cannot is said once.
source "$(dirname "${BASH_SOURCE[0]}")/scene.bash"

# expect_refused REGEX INPUT…: without mpirun and on 4 ranks.
expect_refused() {
  local pattern=$1
  shift
  expect_status 3 "$BALLAST" map "$@" -- cat >alone.out 2>alone.err
  expect_only_message alone.err "$pattern"
  expect_status 3 ranks 4 map "$@" -- cat >ranks.out 2>ranks.err
  expect_message ranks.err "$pattern"
  expect_empty alone.out
  expect_empty ranks.out
}

# expect_itself FILE [OPTION…]: comes out as it is.
expect_itself() {
  local file=$1
  shift
  "$BALLAST" map "$file" "$@" -- cat >alone || fail "failed on $file"
  expect_same alone "$file"
  ranks 3 map "$file" "$@" -- cat >ranks || fail "failed on $file at 3 ranks"
  expect_same ranks "$file"
}

test_a_missing_input_is_named_once() {
  expect_refused 'missing\.txt \(No such file or directory\)' "$dictionary" missing.txt
}

test_an_input_that_is_a_directory_is_named_once() {
  mkdir folder
  expect_refused 'folder \(it is a directory\)' folder
}

test_an_input_that_may_not_be_read_is_named_once() {
  local -a as_nobody=()
  echo text >secret
  chmod 000 secret
  if [[ $(id -u) == 0 ]]; then
    chmod 755 .. ../..
    as_nobody=(setpriv --reuid 65534 --regid 65534 --clear-groups)
    [[ -x $BALLAST ]] && "${as_nobody[@]}" test -x "$BALLAST" -a -x . || return 0  # out of nobody's reach: no test
  fi
  expect_status 3 "${as_nobody[@]}" "$BALLAST" map secret -- cat >out 2>err
  expect_only_message err 'cannot read secret \(Permission denied\)'
}

test_an_empty_input_is_an_empty_result() {
  : >empty
  expect_itself empty
}

test_one_byte_comes_out_as_one_byte() {
  printf x >one
  expect_itself one
}

test_a_missing_last_newline_stays_missing() {
  seq 10000 | head -c -1 >text
  expect_itself text --batch-lines 7000
}

test_odd_bytes_come_out_as_they_went_in() {
  awkward_text text
  expect_itself text --batch-bytes 4K
}

test_records_that_end_with_NUL_are_kept_whole() {
  seq 5000 | tr '\n' '\0' >text
  expect_itself text -0 --batch-lines 100
  # Each job has 100 records, and nothing else separates them.
  "$BALLAST" map text -0 --batch-lines 100 -- sh -c "tr -dc '\\0' | wc -c" | sort -u >counts
  expect_equal "$(<counts)" 100
}

test_a_line_of_100_MB_travels_whole() {
  head -c 100000000 /dev/zero | tr '\0' x >line
  echo >>line
  echo after >>line
  "$BALLAST" map line -- cat | cmp - line || fail 'not itself'
  ranks 2 map line -o copy -- cat || fail 'failed at 2 ranks'
  expect_same copy line
  # 3 × the record beyond the usual limit.
  ranks 2 map line -o counts -- wc -c &
  local run=$! main
  wait_for 10 rank_process 0 >/dev/null
  main=$(rank_process 0)
  watch_memory "$main" peak
  wait "$run" || fail 'failed to count'
  expect_equal "$(awk '{ sum += $1 } END { print sum }' counts)" "$(wc -c <line)"
  expect_memory peak 500
}

test_standard_input_is_read_by_rank_0() {
  seq 30000 >text
  expect_status 0 "$BALLAST" map --batch-bytes 8K -- cat <text >out
  expect_same out text
  expect_status 0 "$BALLAST" map - --batch-bytes 8K -- cat <text >out
  expect_same out text
  expect_status 0 fed_ranks text 3 map --batch-bytes 8K --policy static -- cat >out
  expect_same out text
}

# Several times: which descriptor takes the place of a closed one is a matter of luck.
test_a_closed_standard_input_is_an_error() {
  local _
  for _ in 1 2 3 4 5; do
    "$BALLAST" map -- cat <&- >out 2>err &
    expect_within 10 3 $!
    expect_only_message err 'cannot read standard input|cannot read -'
    expect_empty out
  done
}

test_several_inputs_are_one_dataset() {
  expect_present "$dictionary"
  printf 'no newline' >first
  : >second
  printf 'x\n' >third
  cat first second third "$dictionary" >all
  expect_status 0 "$BALLAST" map first second third "$dictionary" -- cat >out
  expect_same out all
  expect_status 0 fed_ranks second 3 map first - third "$dictionary" -- cat >out
  expect_same out all
}

test_a_pipe_with_a_name_is_read_like_standard_input() {
  mkfifo pipe
  seq 30000 >text
  cat text >pipe &
  expect_status 0 "$BALLAST" map pipe --batch-bytes 8K -- cat >out
  expect_same out text
  cat text >pipe &
  expect_status 0 ranks 3 map pipe --batch-bytes 8K --policy guided -- cat >out
  expect_same out text
}

test_nodes_may_read_the_input_themselves() {
  awkward_text text
  expect_itself text --by-reference --batch-bytes 16K
  expect_status 2 "$BALLAST" map --by-reference -- cat <text >out 2>err
  expect_only_message err 'standard input by reference'
}

test_an_input_that_shrinks_during_the_run_is_not_taken_for_whole() {
  seq 200000 >text
  mkfifo gate
  "$BALLAST" map text -o out --solvers 1 --batch-bytes 4K -- sh -c '
    if [ "$BALLAST_JOB" = 3 ]; then touch waiting; read -r _ <gate; fi
    cat' 2>err &
  local run=$!
  exec 4<>gate
  wait_for 10 test -e waiting
  truncate -s 100K text
  echo go >&4
  expect_within 20 3 "$run"
  expect_only_message err 'cannot read text any more \(it has changed'
  expect_absent out out.partial
}

run_tests "$@"
