#!/usr/bin/env bash
# Any number of ranks, any policy, any options of how to run: the same result.
# shellcheck disable=SC2016  # what the commands expand is theirs
source "$(dirname "${BASH_SOURCE[0]}")/scene.bash"

# The texts: the dictionary, the example texts where they are, and one that has everything odd. Sets `texts`.
gather_texts() {
  local folder=${BALLAST_DATA:-$(dirname "${BASH_SOURCE[0]}")/../../../shared/data}/text
  texts=("$dictionary")
  if [[ -d $folder ]]; then texts+=("$folder"/*); fi
  awkward_text awkward
  texts+=(awkward)
  expect_present "${texts[@]}"
}

# Sets `policies`: all of them.
gather_policies() {
  mapfile -t policies < <("$BALLAST" policies --json | sed -n 's/.*"name": "\([^"]*\)".*/\1/p')
  [[ ${#policies[@]} -ge 16 ]] || fail "only ${#policies[@]} policies"
}

# What the policies differ in, seen from here: lanes, owners, chunks, and jobs that move.
kinds_of_policies=(auto static cyclic weighted-round-robin guided)

# policies_at COUNT POLICY…
policies_at() {
  local texts policy
  gather_texts
  cat "${texts[@]}" >all
  for policy in "${@:2}"; do
    ranks "$1" map "${texts[@]}" --policy "$policy" --batch-bytes 16K -- cat | cmp - all || fail "not itself at $1 ranks with $policy"
  done
}

test_every_kind_of_policy_keeps_every_byte_at_1_3_and_7_ranks() {
  local count
  for count in 1 3 7; do policies_at "$count" "${kinds_of_policies[@]}"; done
}

time_limit long_test_every_policy_keeps_every_byte_at_any_number_of_ranks 600
long_test_every_policy_keeps_every_byte_at_any_number_of_ranks() {
  local policies count
  gather_policies
  for count in 1 2 3 4 7; do policies_at "$count" "${policies[@]}"; done
}

test_each_text_alone_keeps_every_byte() {
  local texts text count
  gather_texts
  for text in "${texts[@]}"; do
    for count in 1 3; do
      ranks "$count" map "$text" -- cat | cmp - "$text" || fail "$text is not itself at $count ranks"
    done
  done
}

test_a_stream_keeps_every_byte_with_every_kind_of_policy() {
  local policy
  awkward_text text
  for policy in "${kinds_of_policies[@]}"; do
    fed_ranks text 3 map --policy "$policy" --batch-bytes 4K -- cat | cmp - text || fail "not itself with $policy"
  done
}

test_upper_case_is_what_tr_makes_of_it() {
  local count
  tr a-z A-Z <"$dictionary" >wanted
  for count in 1 2 4; do
    ranks "$count" map "$dictionary" --batch-bytes 16K -o out -- tr a-z A-Z || fail "failed at $count ranks"
    expect_same out wanted
  done
}

test_solvers_and_prefetch_do_not_change_the_result() {
  local options
  for options in '--solvers 0' '--solvers 1 --prefetch 0' '--solvers 3 --prefetch 50' '--solvers 50%' '--prefetch 0 --solvers 0'; do
    # shellcheck disable=SC2086
    ranks 3 map "$dictionary" --batch-bytes 8K $options -- cat | cmp - "$dictionary" || fail "not itself with $options"
    # shellcheck disable=SC2086
    "$BALLAST" map "$dictionary" --batch-bytes 8K $options -- cat | cmp - "$dictionary" || fail "not itself alone with $options"
  done
}

test_unordered_gives_the_same_records() {
  sort "$dictionary" >wanted
  ranks 4 map "$dictionary" -u --batch-bytes 4K -- sh -c 'test $((BALLAST_JOB % 50)) != 0 || sleep 0.2; cat' >out || fail 'failed'
  sort out | cmp - wanted || fail 'other records'
  ! cmp -s out "$dictionary" || fail 'the order is that of the dataset: nothing was tested'
}

test_more_ranks_than_jobs_is_fine() {
  local policy
  printf 'one\ntwo\n' >text
  for policy in "${kinds_of_policies[@]}"; do
    ranks 7 map text --batch-lines 1 --policy "$policy" -- cat >out || fail "failed with $policy"
    expect_same out text
  done
  : >nothing
  ranks 4 map nothing -- cat >out || fail 'failed with no job at all'
  expect_empty out
}

time_limit test_64_ranks_on_few_cores_end_and_are_right 120
test_64_ranks_on_few_cores_end_and_are_right() {
  expect_status 0 ranks 64 map "$dictionary" --batch-bytes 8K -o out -- tr a-z A-Z
  tr a-z A-Z <"$dictionary" | cmp - out || fail 'not what tr makes of it'
}

test_ranks_that_were_started_differently_are_told_so() {
  expect_status 2 mpirun --oversubscribe -n 1 "$BALLAST" map "$dictionary" -- cat : \
    -n 1 "$BALLAST" map "$dictionary" --policy self -- cat >out 2>err
  expect_message err 'rank 1 .*--policy'
  expect_empty out
  expect_status 2 mpirun --oversubscribe -n 2 "$BALLAST" map "$dictionary" -- cat : \
    -n 2 "$BALLAST" map "$dictionary" -- tac >out 2>err
  expect_message err 'rank [23] .*tac'
  expect_empty out
  expect_status 2 mpirun --oversubscribe -n 1 "$BALLAST" map "$dictionary" -- cat : \
    -n 1 "$BALLAST" map "$dictionary" --frobnicate -- cat >out 2>err
  expect_message err 'frobnicate'
  expect_status 2 mpirun --oversubscribe -n 1 "$BALLAST" map "$dictionary" --frobnicate -- cat : \
    -n 1 "$BALLAST" map "$dictionary" -- cat >out 2>err
  expect_message err 'frobnicate'
}

test_nodes_that_leave_after_their_jobs_end_the_run_only_when_all_have_left() {
  seq 20 >text
  expect_status 0 ranks 3 map text --batch-lines 1 --max-jobs-per-node 10 -- cat >out 2>err
  expect_same out text
  expect_empty err
  expect_status 4 ranks 3 map text --batch-lines 1 --max-jobs-per-node 9 -o out2 -- cat 2>err
  expect_message err '2 unsolved jobs .*--max-jobs-per-node'
  expect_absent out2 out2.partial
  expect_status 4 "$BALLAST" map text --batch-lines 1 --max-jobs-per-node 19 -o out2 -- cat 2>err
  expect_only_message err '1 unsolved job.*--max-jobs-per-node'
}

test_no_more_jobs_than_allowed_are_run_by_a_node() {
  local policy
  seq 12 >text
  for policy in "${kinds_of_policies[@]}"; do
    ranks 4 map text --batch-lines 1 --max-jobs-per-node 5 --policy "$policy" -- sh -c 'echo "$BALLAST_NODE"' >out 2>err ||
      fail "failed with $policy:" "$(<err)"
    expect_equal "$(wc -l <out)" 12
    [[ $(sort out | uniq -c | sort -n | awk 'END { print $1 }') -le 5 ]] || fail "with $policy:" "$(sort out | uniq -c)"
  done
}

time_limit long_test_two_gigabytes_keep_every_byte 900
long_test_two_gigabytes_keep_every_byte() {
  seq -f '%.0f: a line like many others, of some length' 45000000 >text
  [[ $(stat -c %s text) -gt 2000000000 ]] || fail 'too small'
  ranks 1 map text --policy guided --batch-bytes 1M -o out -- cat || fail 'failed at one rank'
  expect_same out text
  rm out
  start_ranks 3 map text --policy static --batch-bytes 256K -o out -- cat
  local run=$!
  wait_for 10 rank_process 0 >main
  watch_memory "$(head -n 1 main)" peak
  expect_within 1 0 "$run"
  expect_same out text
  expect_memory peak 200
}

time_limit long_test_64_ranks_with_every_policy 600
long_test_64_ranks_with_every_policy() {
  local policies policy
  gather_policies
  for policy in "${policies[@]}"; do
    ranks 64 map "$dictionary" --policy "$policy" --batch-bytes 4K -- cat | cmp - "$dictionary" || fail "not itself with $policy"
  done
}

run_tests "$@"
