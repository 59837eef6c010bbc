#!/usr/bin/env bash
# `ballast launch` over several hosts: one that dies, or cannot be reached, costs its computing node and nothing else.
# The hosts are network namespaces of one kernel, joined by a bridge; the lab beside the project makes them, and ends
# all that runs in them with the test.
# shellcheck disable=SC2016  # what the commands expand is theirs
source "$(dirname "${BASH_SOURCE[0]}")/scene.bash"

here=$(realpath "${BASH_SOURCE[0]}")
lab=${BALLAST_LAB:-$(dirname "$here")/../../../shared/lab}

skip() {
  printf 'skipped: %s\n' "$1"
  exit 77
}

enter_lab() {
  [[ -x $lab/in-sandbox && -x $lab/hosts-up ]] ||
    skip 'there is no lab beside the project (BALLAST_LAB names its folder)'
  [[ $(id -u) == 0 ]] || skip 'only root makes hosts of network namespaces'
  "$lab/in-sandbox" bash -c '"$0" 1 && nsenter --net=/run/netns/h1 unshare --uts true' "$lab/hosts-up" >/dev/null 2>&1 ||
    skip 'network namespaces are not allowed here'
  BALLAST_IN_LAB=1 exec "$lab/in-sandbox" bash "$here" "$@"
}

# --- hosts h1 to h3, beside this one, which is the Main Node's ---

install_programs() {
  mkdir -p bin
  # A host does what comes through its inbox.
  cat >bin/at-host <<'AT_HOST'
#!/usr/bin/env bash
hostname "$1"
exec <>"$1/inbox"
while read -r command; do eval "$command"; done
AT_HOST
  # What mpirun reaches it by; like the real one it ends with 255 when the host goes away.
  cat >bin/ssh <<'SSH'
#!/usr/bin/env bash
[[ $1 != -x ]] || shift
host=$1 status=$PWD/$1/status.$$
shift
printf '(%s; echo $? >%q) &\n' "$*" "$status" >"$PWD/$host/inbox"
until [[ -s $status ]]; do
  [[ -n $(ip netns pids "$host") ]] || exit 255
  sleep 0.05
done
exit "$(<"$status")"
SSH
  chmod +x bin/*
  PATH=$PWD/bin:$PATH
}

# reaches_main HOST: nobody listens there, but somebody says so.
reaches_main() {
  [[ $(nsenter --net="/run/netns/$1" timeout 0.5 bash -c '</dev/tcp/10.98.0.254/1' 2>&1) == *refused* ]]
}

# boot HOST: it is on the network, and runs.
boot() {
  mkdir -p "$1/tmp"
  mkfifo "$1/inbox"
  mend_link "$1"
  wait_for 10 reaches_main "$1"
  TMPDIR=$PWD/$1/tmp setsid nsenter --net="/run/netns/$1" unshare --uts at-host "$1" &
  disown $!
}

# Packets are lost from now on, and nobody is told.
cut_link() {
  ip link set "v${1#h}" down
}

mend_link() {
  ip link set "v${1#h}" up
}

kill_host() {
  ip netns pids "$1" | xargs -r kill -KILL 2>/dev/null
}

# runs_nothing HOST PATTERN: no process there has such a name.
runs_nothing() {
  local pid name
  for pid in $(ip netns pids "$1"); do
    if read -r name <"/proc/$pid/comm" && [[ $name =~ $2 ]]; then return 1; fi
  done 2>/dev/null
  return 0
}

# start_run ARG…: 300 jobs of 30 ms at a computing node on each host; a job leaves a file in the folder of its host.
start_run() {
  local host
  install_programs
  for host in h1 h2 h3; do boot "$host"; done
  mkdir -p done/h1 done/h2 done/h3
  seq 300 >text
  "$BALLAST" launch --host h1:1,h2:1,h3:1 \
    --mpi-arg --mca --mpi-arg btl_tcp_if_include --mpi-arg 10.98.0.0/24 \
    --mpi-arg --mca --mpi-arg oob_tcp_if_include --mpi-arg 10.98.0.0/24 \
    -- map text --progress never --run-dir runs --batch-lines 1 -o out "$@" \
    -- sh -c 'sleep 0.03; touch "done/$(hostname)/$BALLAST_JOB"; cat' 2>err &
  wait_for 20 every_host_works 5
}

every_host_works() {
  local host
  for host in h1 h2 h3; do [[ $(jobs_done_at "$host") -ge $1 ]] || return 1; done
}

jobs_done_at() {
  find "done/$1" -type f | wc -l
}

# expect_right PROCESS SECONDS: the run ends well, and nothing of ours stays on any host. Daemons of mpirun that have
# lost it may stay for two times odls_base_sigkill_timeout; they end with their hosts here.
expect_right() {
  local host
  expect_within "$2" 0 "$1"
  expect_same out text
  for host in h1 h2 h3; do
    wait_for 5 runs_nothing "$host" 'ballast|sleep'
    kill_host "$host"
  done
}

test_a_host_that_dies_changes_nothing() {
  start_run --lease 2s
  local run=$!
  kill_host h2
  expect_right "$run" 20
}

long_test_a_host_whose_link_is_cut_for_longer_than_the_lease_changes_nothing() {
  start_run --lease 2s
  local run=$!
  cut_link h2
  sleep 3
  mend_link h2
  expect_right "$run" 30
}

long_test_a_cut_that_is_shorter_than_the_lease_loses_nobody() {
  start_run --lease 10s
  local run=$!
  cut_link h2
  sleep 3
  mend_link h2
  expect_right "$run" 30
  expect_empty err
}

test_a_host_whose_link_is_cut_for_good_changes_nothing() {
  start_run --lease 1s
  local run=$!
  cut_link h2
  wait_for 5 runs_nothing h2 'ballast|sleep'  # it ends by itself
  expect_right "$run" 30
}

if [[ -z ${BALLAST_IN_LAB:-} ]]; then enter_lab "$@"; fi
"$lab/hosts-up" 3
run_tests "$@"
