#!/usr/bin/env bash
# Runs whose processes are killed and stopped at random, as scripts/bench/chaos plays them.
source "$(dirname "$0")/scene.bash"

chaos="$(dirname "$(realpath "$0")")/../../scripts/bench/chaos"

time_limit test_ten_runs_in_which_processes_die_lose_nothing 150
test_ten_runs_in_which_processes_die_lose_nothing() {
  "$chaos" 10 --jobs 120 --seed "$RANDOM" >table || fail "the table says:" "$(cat table)"
}

time_limit long_test_a_hundred_runs_in_which_processes_die_lose_nothing 1800
long_test_a_hundred_runs_in_which_processes_die_lose_nothing() {
  "$chaos" 100 --jobs 300 --seed "$RANDOM" >table || fail "the table says:" "$(cat table)"
}

run_tests "$@"
