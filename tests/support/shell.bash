# shellcheck shell=bash
# A small test library for the fault tests: each function test_… of a script runs in a folder of its own, within a
# time limit, and must leave no process and no file behind.
#
#   source "$(dirname "$0")/../support/shell.bash"
#   test_a_missing_input_is_named_once() {
#     expect_status 3 ranks 4 map missing.txt -- cat 2>err
#     expect_contains err 'missing\.txt'
#   }
#   run_tests "$@"
#
# `bash x.test.sh NAME…` runs only these. long_test_… run with BALLAST_LONG=1. `time_limit test_x 120` gives a
# test other than the usual 60 seconds.
set -uo pipefail

: "${BALLAST:?names the program to test}"
export BALLAST
export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1
export OMPI_MCA_mpi_yield_when_idle=1 OMPI_MCA_rmaps_base_oversubscribe=1 PMIX_OUTPUT_REDIRECT=syslog

default_time_limit=60
declare -A time_limits=()
grace_for_leftovers=3

# time_limit TEST SECONDS
time_limit() {
  time_limits[$1]=$2
}

# --- what a test says ---

fail() {
  printf '    %s\n' "$@"
  exit 1
}

# ranks N ARG…: the program on N ranks.
ranks() {
  local count=$1
  shift
  mpirun --oversubscribe -n "$count" "$BALLAST" "$@"
}

# start_ranks N ARG…: the same in the background, such that $! is mpirun itself.
start_ranks() {
  local count=$1
  shift
  mpirun --oversubscribe -n "$count" "$BALLAST" "$@" &
}

# expect_status N COMMAND…: the command ends with this exit status.
expect_status() {
  local wanted=$1 status=0
  shift
  "$@" || status=$?
  [[ $status == "$wanted" ]] || fail "exit status $status, not $wanted: $*" >&3
}

expect_same() {
  cmp -- "$1" "$2" || fail "$1 and $2 differ"
}

# expect_contains FILE REGEX
expect_contains() {
  grep -Eq -- "$2" "$1" || fail "$1 does not contain /$2/, but:" "$(head -c 2000 -- "$1")"
}

expect_empty() {
  [[ -f $1 && ! -s $1 ]] || fail "$1 is not empty:" "$(head -c 2000 -- "$1")"
}

# --- what a test may not leave behind ---

# The processes that carry the mark of the test in their environment. One that ends while it is looked at is none.
marked_processes() {
  grep -lzsxF "BALLAST_TEST_MARK=$1" /proc/[0-9]*/environ | tr -dc '0-9\n'
}

shared_memory_entries() {
  find /dev/shm -mindepth 1 -maxdepth 1 -user "$(id -u)" -printf '%f\n' 2>/dev/null | sort
}

# New entries that no living process uses: those of other programs on this machine are in use.
forgotten_shared_memory() {
  local name
  for name in $(comm -13 "$1" <(shared_memory_entries)); do
    grep -qsF "/dev/shm/$name" /proc/[0-9]*/maps || printf '/dev/shm/%s\n' "$name"
  done
}

# leftovers FOLDER: one line each; processes as `process PID COMMAND`.
leftovers() {
  local pid
  for pid in $(marked_processes "$1"); do
    printf 'process %s %s\n' "$pid" "$(tr '\0' ' ' 2>/dev/null <"/proc/$pid/cmdline")"
  done
  if [[ -z ${side_by_side:-} ]]; then forgotten_shared_memory "$1/shared-before"; fi  # else it may be another test's
  find "$1/tmp" -mindepth 1 -maxdepth 1 \( -name 'ballast*' -o -name 'ompi.*' -o -name 'pmix*' \) -printf 'TMPDIR/%f\n'
}

# Prints what is still there after the time of grace, and clears it away.
settle_leftovers() {
  local deadline=$((SECONDS + grace_for_leftovers)) left kind pid _
  left=$(leftovers "$1")
  while [[ -n $left && $SECONDS -lt $deadline ]]; do
    sleep 0.1
    left=$(leftovers "$1")
  done
  [[ -n $left ]] || return 0
  printf '%s\n' "$left"
  while read -r kind pid _; do
    if [[ $kind == process ]]; then kill -KILL "$pid" 2>/dev/null; fi
  done <<<"$left"
  forgotten_shared_memory "$1/shared-before" | xargs -r rm -f --
}

# --- how tests are run ---

running_test=
test_group=  # of the test that ran last

# Runs the test in a process group of its own, so that the time limit ends whatever it hangs on.
run_in_time() {
  local name=$1 folder=$2 limit=$3 watchdog status=0
  set -m
  (
    set +m
    cd "$folder/work" || exit 1
    "$name"
  ) >"$folder/output" 2>&1 </dev/null 3>&1 &
  running_test=$!
  test_group=$running_test
  (
    sleep "$limit"
    printf '    still running after %s s\n' "$limit" >>"$folder/output"
    kill -TERM -- "-$running_test"
    sleep 3
    kill -KILL -- "-$running_test"
  ) 2>/dev/null &
  watchdog=$!
  set +m
  wait "$running_test" || status=$?
  running_test=
  kill -KILL -- "-$watchdog" 2>/dev/null
  wait "$watchdog" 2>/dev/null
  return "$status"
}

run_one_test() {
  local name=$1 folder left started=${EPOCHREALTIME/[.,]/} status=0 verdict=ok sentence=${1#long_}
  folder=$(mktemp -d "${TMPDIR:-/tmp}/ballast-test.XXXXXX") || exit 1
  mkdir "$folder/work" "$folder/tmp"
  shared_memory_entries >"$folder/shared-before"
  BALLAST_TEST_MARK=$folder TMPDIR=$folder/tmp \
    run_in_time "$name" "$folder" "${time_limits[$name]:-$default_time_limit}" 2>/dev/null || status=$?
  left=$(settle_leftovers "$folder")
  kill -KILL -- "-$test_group" 2>/dev/null  # shells of the test itself, which wait for something
  if [[ $status != 0 || -n $left ]]; then verdict=FAIL; fi
  sentence=${sentence#test_}
  printf '%-4s %6.1f s  %s\n' "$verdict" "$(((${EPOCHREALTIME/[.,]/} - started) / 100000))e-1" "${sentence//_/ }"
  if [[ $verdict == FAIL ]]; then
    tail -n 40 "$folder/output"
    printf '    exit status of the test: %d\n' "$status"
    if [[ -n $left ]]; then printf '    left behind: %s\n' "${left//$'\n'/$'\n    left behind: '}"; fi
  fi
  rm -rf "$folder"
  [[ $verdict == ok ]]
}

stop_running_test() {
  if [[ -n $running_test ]]; then kill -TERM -- "-$running_test" 2>/dev/null; fi
  exit 130
}

# run_tests [NAME…]: the last line of every script.
run_tests() {
  local name passed=0 failed=0 pattern='^test_'
  local -a names=("$@")
  if [[ ${BALLAST_LONG:-} == 1 ]]; then pattern='^(long_)?test_'; fi
  if [[ ${#names[@]} == 0 ]]; then
    mapfile -t names < <(declare -F | awk -v pattern="$pattern" '$3 ~ pattern { print $3 }')
  fi
  if [[ ${#names[@]} == 0 ]]; then
    printf 'skipped: all tests here are long ones (BALLAST_LONG=1 runs them)\n'
    exit 77
  fi
  trap stop_running_test INT TERM
  for name in "${names[@]}"; do
    if run_one_test "$name"; then passed=$((passed + 1)); else failed=$((failed + 1)); fi
  done
  printf '%d passed, %d failed\n' "$passed" "$failed"
  exit $((failed > 0 ? 1 : 0))
}
