# shellcheck shell=bash
# What the fault tests need beyond the test library: texts, messages, and the processes of the run under test.
source "$(dirname "${BASH_SOURCE[0]}")/../support/shell.bash"

# shellcheck disable=SC2034  # used by the tests
dictionary=/usr/share/dict/american-english  # one record a line, not all of it ASCII

# --- texts ---

# Bytes that a run must not keep in its memory: with --long a gigabyte.
# shellcheck disable=SC2034  # used by the tests
if [[ ${BALLAST_LONG:-} == 1 ]]; then much=1073741824; else much=300000000; fi

# expect_present FILE…: what the tests read is there, and is not empty.
expect_present() {
  local file
  for file in "$@"; do [[ -s $file ]] || fail "$file is missing or empty; run scripts/setup"; done
}

# awkward_text FILE: empty lines, CRLF, NUL bytes, one long line, bytes that are no UTF-8, and no newline at the end.
awkward_text() {
  {
    printf '\n\n\nfirst\r\n\r\n'
    printf 'a\0b\0\0c\n'
    head -c 300000 /dev/zero | tr '\0' x
    printf '\n\377\376 not UTF-8 \200\n'
    seq -f 'line %.0f of many' 20000
    printf 'last, without its newline'
  } >"$1"
}

# --- messages ---

# expect_message FILE REGEX: Ballast has said one thing, and this. What mpirun says for itself does not count.
expect_message() {
  local said
  said=$(grep -c '^ballast: ' "$1")
  [[ $said == 1 ]] || fail "$said messages of ballast in $1, not 1:" "$(head -c 2000 -- "$1")"
  grep '^ballast: ' "$1" | grep -Eq -- "$2" || fail "the message does not contain /$2/:" "$(grep '^ballast: ' "$1")"
}

# expect_only_message FILE REGEX: the same, and not a word from anybody else.
expect_only_message() {
  expect_message "$1" "$2"
  [[ $(wc -l <"$1") == 1 ]] || fail "$1 is more than one line:" "$(head -c 2000 -- "$1")"
}

expect_absent() {
  local file
  for file in "$@"; do [[ ! -e $file ]] || fail "$file exists"; done
}

expect_equal() {
  [[ $1 == "$2" ]] || fail "$1 is not $2${3:+ ($3)}"
}

# --- time ---

milliseconds() {
  printf '%s' "$((${EPOCHREALTIME/[.,]/} / 1000))"
}

# wait_for SECONDS COMMAND…: until the command succeeds. It is tried every `look_every` seconds.
wait_for() {
  local deadline=$(($(milliseconds) + $1 * 1000))
  shift
  until "$@"; do
    [[ $(milliseconds) -lt $deadline ]] || fail "waited in vain for: $*"
    sleep "${look_every:-0.02}"
  done
}

# has_ended PROCESS: of one that this shell has started; `wait` still tells its status.
has_ended() {
  ! kill -0 "$1" 2>/dev/null
}

# expect_within SECONDS STATUS PROCESS: a process in the background ends, with this status.
expect_within() {
  local status=0
  wait_for "$1" has_ended "$3"
  wait "$3" || status=$?
  [[ $status == "$2" ]] || fail "exit status $status, not $2"
}

# --- processes ---

# processes_named NAME: those of this test, the oldest first.
processes_named() {
  local pid name
  for pid in $(marked_processes "$BALLAST_TEST_MARK" | sort -n); do
    if read -r name <"/proc/$pid/comm" && [[ $name == "$1" ]]; then printf '%s\n' "$pid"; fi
  done 2>/dev/null
}

# rank_process N: under mpirun.
rank_process() {
  local pid
  for pid in $(processes_named ballast); do
    if grep -qzsxF "OMPI_COMM_WORLD_RANK=$1" "/proc/$pid/environ"; then
      printf '%s\n' "$pid"
      return 0
    fi
  done
  return 1
}

no_rank_lives() {
  [[ -z $(processes_named ballast) ]]
}

# watch_memory PROCESS FILE: keeps the most memory that it has ever used, in MiB, in the file, as long as it lives.
watch_memory() {
  local peak
  while peak=$(awk '/^VmHWM:/ { print int($2 / 1024) }' "/proc/$1/status" 2>/dev/null) && [[ -n $peak ]]; do
    printf '%s\n' "$peak" >"$2"
    sleep 0.05
  done
}

# expect_memory FILE MIB
expect_memory() {
  [[ -s $1 ]] || fail "nobody has measured the memory"
  [[ $(<"$1") -gt 3 && $(<"$1") -lt $2 ]] || fail "used $(<"$1") MiB, not less than $2"
}

# What Open MPI itself leaves when its mpirun did not live to clear up.
clear_after_mpirun() {
  forgotten_shared_memory ../shared-before | grep '/vader_segment' | xargs -r rm -f --
  rm -rf "$TMPDIR"/ompi.* "$TMPDIR"/pmix*
}

# fed_ranks FILE N ARG…: the program on N ranks, with FILE on its standard input. mpirun 4.1.4 itself crashes in about one
# of fifty such runs (orte_iof_hnp_read_local_handler); that one is done again.
fed_ranks() {
  local file=$1 status=0
  shift
  ranks "$@" <"$file" >fed.out 2>fed.err || status=$?
  if [[ $status == 139 ]] && grep -q orte_iof_hnp_read_local_handler fed.err; then
    clear_after_mpirun
    status=0
    ranks "$@" <"$file" >fed.out 2>fed.err || status=$?
  fi
  cat fed.out
  cat fed.err >&2
  rm -f fed.out fed.err
  return "$status"
}
