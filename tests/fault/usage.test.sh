#!/usr/bin/env bash
# What the command line understands, and what it says when it does not.
source "$(dirname "${BASH_SOURCE[0]}")/scene.bash"

# expect_usage_error REGEX ARG…
expect_usage_error() {
  local pattern=$1
  shift
  expect_status 2 "$BALLAST" "$@" >out 2>err </dev/null
  expect_only_message err "$pattern"
  expect_empty out
}

# expect_json FILE: by python3 where there is one, else by its two ends.
expect_json() {
  if python3 -c 0 2>/dev/null; then
    python3 -c 'import json, sys; json.load(sys.stdin)' <"$1" || fail "$1 is not JSON:" "$(<"$1")"
  fi
  grep -Eqx '[][{}]+' <(head -n 1 "$1") || fail "$1 does not begin as JSON:" "$(<"$1")"
  grep -Eqx '[][{}]+' <(tail -n 1 "$1") || fail "$1 does not end as JSON:" "$(<"$1")"
}

test_help_is_an_answer_and_not_an_error() {
  local arguments
  for arguments in --help 'map --help' 'upper --help' 'policies --help' 'map -h'; do
    # shellcheck disable=SC2086
    expect_status 0 "$BALLAST" $arguments >out 2>err
    expect_contains out 'Usage: '
    expect_empty err
  done
  "$BALLAST" --help >out
  for arguments in map upper policies; do expect_contains out "^ +$arguments +[A-Z]"; done
  "$BALLAST" map --help >out
  for arguments in --policy --solvers --prefetch --retries --timeout --max-jobs-per-node --progress --seed --quiet \
    --verbose --print-config --dry-run --output --batch-bytes --batch-lines --null --unordered --by-reference \
    --accept-status; do
    expect_contains out "$arguments( |,|$)"
  done
}

test_help_is_printed_by_one_rank() {
  ranks 3 --help >out || fail 'failed'
  expect_equal "$(grep -c '^Usage: ' out)" 1
  ranks 3 --version >out || fail 'failed'
  expect_equal "$(wc -l <out)" 1
  ranks 3 map "$dictionary" --dry-run -- cat >out || fail 'failed'
  expect_equal "$(grep -c '"jobs"' out)" 1
  ranks 3 map "$dictionary" --print-config -- cat >out || fail 'failed'
  expect_equal "$(grep -c '"policy"' out)" 1
  ranks 3 policies >out || fail 'failed'
  expect_equal "$(grep -c '^static ' out)" 1
}

test_the_version_names_MPI_build_and_instruction_level() {
  expect_status 0 "$BALLAST" --version >out 2>err
  expect_contains out '^ballast [0-9]+\.[0-9]+\.[0-9]+ \(.*MPI.*(release|debug) build.*instruction level'
  expect_empty err
}

test_policies_lists_every_policy_that_map_takes() {
  local name
  expect_status 0 "$BALLAST" policies >table
  expect_status 0 "$BALLAST" policies --json >list
  expect_json list
  for name in auto static cyclic self guided; do
    expect_contains table "^$name "
    expect_contains list "\"name\": \"$name\""
  done
  sed -n 's/.*"name": "\([^"]*\)".*/\1/p' list >names
  awk '{ print $1 }' table | cmp - names || fail 'table and list differ'
  while read -r name; do
    expect_status 0 "$BALLAST" map --policy "$name" -- cat <names >out
    expect_same out names
  done <names
}

test_print_config_tells_what_would_be_in_force() {
  expect_status 0 "$BALLAST" map in.txt --policy self --retries 7 --timeout 90s --solvers 3 --print-config -- wc -l >out 2>err
  expect_json out
  expect_contains out '"policy": "self"'
  expect_contains out '"retries": 7'
  expect_contains out '"solvers": "?3'
  expect_contains out '"timeout": "?90'
  expect_empty err
  expect_status 0 "$BALLAST" upper --print-config a b >out
  expect_json out
}

test_a_dry_run_says_how_many_jobs_there_are_and_runs_none() {
  seq 1000 >text
  expect_status 0 "$BALLAST" map text --batch-lines 10 --dry-run -o result -- touch started >out 2>err
  expect_json out
  expect_contains out '"jobs": 100'
  expect_empty err
  expect_absent started result result.partial
  expect_status 3 "$BALLAST" map missing --dry-run -- cat 2>err
  expect_only_message err 'missing'
}

test_a_command_line_that_makes_no_sense_is_refused_in_one_line() {
  expect_usage_error 'no subcommand'
  expect_usage_error 'frobnicate' frobnicate
  expect_usage_error 'no command' map "$dictionary"
  expect_usage_error 'no command' map "$dictionary" --
  expect_usage_error '--frobnicate' map "$dictionary" --frobnicate -- cat
  expect_usage_error 'policy `nope`.*ballast policies' map "$dictionary" --policy nope -- cat
  expect_usage_error 'a-b' upper --work a-b word
  expect_usage_error '3:1' upper --work 3:1 word
  expect_usage_error 'quiet|verbose' map "$dictionary" --quiet --verbose -- cat
  expect_usage_error 'progress' map "$dictionary" --progress sometimes -- cat
}

test_an_unknown_option_before_the_subcommand_is_named() {
  expect_usage_error '--frobnicate' --frobnicate
  expect_usage_error '--frobnicate' --frobnicate map "$dictionary" -- cat
}

test_numbers_times_and_sizes_that_are_none_are_refused() {
  local option
  for option in '--retries x' '--retries -1' '--retries 1.5' '--solvers x' '--solvers -1' '--solvers 0%' '--prefetch x' \
    '--timeout 5x' '--timeout x' '--timeout -1' '--batch-bytes x' '--batch-bytes 0' '--batch-bytes -1' \
    '--batch-lines 0' '--batch-lines x' '--max-jobs-per-node 0' '--seed x' '--accept-status x'; do
    # shellcheck disable=SC2086
    expect_usage_error "${option%% *}" map "$dictionary" $option -- cat
  done
}

test_what_counts_something_is_a_whole_number_of_1_or_more_and_says_so_in_few_words() {
  local count
  for count in 0 -1 1e3 x; do
    expect_usage_error "--batch-lines: $count is no whole number of 1 or more; [^;]*$" \
      map "$dictionary" --batch-lines "$count" -- cat
    expect_usage_error "--max-jobs-per-node: $count is no whole number of 1 or more; [^;]*$" \
      upper --max-jobs-per-node "$count" word
  done
}

test_a_run_without_any_time_is_refused_before_it_begins() {
  local limit
  for limit in 0 0s 0ms; do
    expect_usage_error 'a time limit of nothing .*--time-limit' map "$dictionary" --time-limit "$limit" -- cat
    expect_usage_error 'a time limit of nothing .*--time-limit' upper --time-limit "$limit" word
  done
}

test_a_command_for_a_subcommand_that_runs_none_is_refused() {
  expect_usage_error 'policies runs no command; leave out `--`' policies -- foo
  expect_usage_error 'simulate runs no command; leave out `--`' simulate --jobs 10 -- foo
}

test_a_time_limit_of_zero_does_not_make_every_job_fail() {
  local status=0
  "$BALLAST" map "$dictionary" --timeout 0 -- cat >out 2>err || status=$?
  [[ $status == 2 ]] || { [[ $status == 0 ]] && cmp -s out "$dictionary"; } || fail "exit status $status:" "$(head -n 3 err)"
}

test_times_and_sizes_may_have_units() {
  local time
  seq 1000 >text
  for time in 60 60s 1m 1h 1d 60000ms 90000000us 1.5m; do
    expect_status 0 "$BALLAST" map text --timeout "$time" --batch-bytes 1K -- cat >out
    expect_same out text
  done
  "$BALLAST" map text --batch-bytes 1K --dry-run -- cat >kilo
  "$BALLAST" map text --batch-bytes 1024 --dry-run -- cat | cmp - kilo || fail 'K is not 1024'
}

test_an_abbreviated_option_is_an_error() {
  expect_usage_error '--polic' map "$dictionary" --polic self -- cat
  expect_usage_error '--retr' map "$dictionary" --retr 1 -- cat
  expect_usage_error '--unorder' map "$dictionary" --unorder -- cat
}

test_a_mistyped_option_is_not_taken_for_the_command_or_an_input() {
  expect_usage_error '--batch-line' map "$dictionary" --batch-line 10 -- cat
  expect_usage_error '--retires' map --retires 3 "$dictionary" -- cat
}

test_options_that_contradict_each_other_are_refused() {
  expect_usage_error 'time limit|--timeout' map "$dictionary" --timeout 3s --solvers 0 -- cat
  expect_usage_error 'batch' map "$dictionary" --batch-bytes 1K --batch-lines 3 -- cat
}

test_a_usage_error_is_said_once_by_all_ranks_together() {
  expect_status 2 ranks 4 map "$dictionary" --frobnicate -- cat 2>err
  expect_message err 'frobnicate'
  expect_status 2 ranks 4 map "$dictionary" --policy nope -- cat 2>err
  expect_message err 'nope'
  expect_status 2 ranks 4 map "$dictionary" --timeout 3s --solvers 0 -- cat 2>err
  expect_message err 'time limit|--timeout'
}

test_words_behind_the_first_dashes_belong_to_the_command() {
  echo record >text
  # shellcheck disable=SC2016
  expect_status 0 "$BALLAST" map text -- sh -c 'printf "<%s>" "$@"' - -- --policy nope '' 'a  b' --help -o out '*' >out
  expect_equal "$(<out)" '<--><--policy><nope><><a  b><--help><-o><out><*>'
}

test_a_command_finds_out_which_attempt_it_is() {
  printf 'a\nb\n' >text
  # shellcheck disable=SC2016
  expect_status 0 ranks 2 map text --batch-lines 1 -- \
    sh -c 'echo "$BALLAST_JOB $BALLAST_ATTEMPT $BALLAST_NODE $BALLAST_SOLVER $BALLAST_HOST"' >out
  printf '0 1 1 0 %s\n1 1 1 0 %s\n' "$(uname -n)" "$(uname -n)" | cmp - out || fail "$(<out)"
}

test_quiet_says_nothing_and_verbose_names_nodes_and_retries() {
  printf 'a\nb\n' >text
  # shellcheck disable=SC2016
  local command='cat; test "$BALLAST_JOB$BALLAST_ATTEMPT" != 11'
  expect_status 0 ranks 2 map text --batch-lines 1 --quiet -- sh -c "$command" >out 2>err
  expect_same out text
  expect_empty err
  expect_status 0 ranks 2 map text --batch-lines 1 --verbose -- sh -c "$command" >out 2>err
  expect_same out text
  expect_contains err 'rank 1'
  expect_contains err 'job 1 failed on rank 1 \(exit status 1\)'
}

test_the_working_directory_is_rank_0_s_unless_another_is_named() {
  mkdir elsewhere
  echo record >text
  expect_status 0 ranks 2 map text -- pwd >out
  expect_equal "$(<out)" "$PWD"
  expect_status 0 ranks 2 map text --workdir elsewhere -- pwd >out
  expect_equal "$(<out)" "$PWD/elsewhere"
  expect_status 3 ranks 3 map text --workdir nowhere -- pwd >out 2>err
  expect_message err 'nowhere'
}

run_tests "$@"
