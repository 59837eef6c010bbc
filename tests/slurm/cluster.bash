# shellcheck shell=bash
# A cluster of real Slurm on one machine: munged, slurmctld and four slurmd, each in a host of its own (a network
# namespace with its own hostname), with all their files in one folder. Everything lives in namespaces that end with the
# test script, so nothing can outlive it. Needs root.
#
#   source "$(dirname "${BASH_SOURCE[0]}")/cluster.bash"
#   test_… () { … }
#   run_in_cluster "$@"       # starts this script once more, in a cluster, and runs its tests there side by side
#
# Tests begin in the order of the file, BALLAST_SLURM_AT_ONCE of them (4) at a time. test_alone_… run by themselves, after
# the others: they damage hosts, or want all of them.
source "$(dirname "${BASH_SOURCE[0]}")/../fault/scene.bash"

cluster=${BALLAST_CLUSTER:-}  # its folder, inside
default_time_limit=150
grace_for_leftovers=10
look_every=0.1  # to ask Slurm takes a processor
hosts=(node1 node2 node3 node4)
lease=2s
cores_per_host=8  # as Slurm believes; the jobs of the tests sleep
script=$(realpath "$0")
arguments=("$@")
# shellcheck disable=SC2034  # used by the tests
scripts=$(realpath "$(dirname "${BASH_SOURCE[0]}")/../../slurm")

skip() {
  printf 'skipped: %s\n' "$1"
  exit 77
}

# --- namespaces ---

# become_namespaces COMMAND…: in place of this shell. When it ends, the kernel kills all that it has started. Mounts are
# for us alone: by our own word or, where `/` is no mount point (in a chroot), because they are for everybody; there a
# bind mount makes it one, as the tools for network namespaces want it.
become_namespaces() {
  local inside='
    mount -t proc proc /proc && mkdir -p /run/netns && mount -t tmpfs none /run/netns &&
      mount -t tmpfs -o mode=1777 none /dev/shm && ip link set lo up && exec "$@"'
  exec unshare --net --mount --propagation unchanged --uts --ipc --pid --fork --kill-child bash -c '
    if mount --make-rprivate / 2>/dev/null; then
      exec bash -c "$0" namespaces "$@"
    fi
    ! grep -q " shared:" /proc/self/mountinfo && mount --rbind / /mnt && mount --make-rprivate /mnt &&
      exec chroot /mnt bash -c "cd \"\$0\" && exec \"\$@\"" "$PWD" bash -c "$0" namespaces "$@"' "$inside" "$@"
}

# make_hosts NETWORK HOST…: on one bridge; this shell is NETWORK.254, the first host NETWORK.1.
make_hosts() {
  local network=$1 host number=0
  shift
  ip link add bridge0 type bridge
  ip address add "$network.254/24" dev bridge0
  ip link set bridge0 up
  for host in "$@"; do
    number=$((number + 1))
    ip netns add "$host"
    ip link add "to-$host" type veth peer name eth0 netns "$host"
    ip link set "to-$host" master bridge0 up
    ip -n "$host" address add "$network.$number/24" dev eth0
    ip -n "$host" link set eth0 up
    ip -n "$host" link set lo up
  done
}

# on_host HOST COMMAND…
on_host() {
  nsenter --net="/run/netns/$1" unshare --uts sh -c 'hostname "$0" && exec "$@"' "$@"
}

# Packets are lost from now on, and nobody is told: the host's interface stays up.
cut_link() {
  ip link set "to-$1" nomaster
}

mend_link() {
  ip link set "to-$1" master bridge0
}

# What it had in its memory and below its TMPDIR is gone with it.
kill_host() {
  ip netns pids "$1" | xargs -r kill -KILL 2>/dev/null
  rm -rf "$TMPDIR/ompi.$1".* /dev/shm/vader_segment."$1".*
}

# --- the daemons ---

write_configuration() {
  local host number=0
  cat <<CONFIGURATION
ClusterName=ballast
SlurmctldHost=$(hostname)(10.99.0.254)
SlurmUser=root
SlurmdUser=root
SlurmctldPort=26800
AuthType=auth/munge
AuthInfo=socket=$cluster/munge.socket
CredType=cred/munge
StateSaveLocation=$cluster/state
SlurmdSpoolDir=$cluster/%n/spool
TmpFS=$cluster/%n/tmp
SlurmctldPidFile=$cluster/slurmctld.pid
SlurmdPidFile=$cluster/%n/slurmd.pid
SlurmctldLogFile=$cluster/slurmctld.log
SlurmdLogFile=$cluster/%n/slurmd.log
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
JobCompType=jobcomp/none
SwitchType=switch/none
MpiDefault=none
MailProg=/bin/true
PropagateResourceLimits=NONE
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
SchedulerType=sched/backfill
SchedulerParameters=sched_interval=1,bf_interval=1
SlurmctldParameters=preempt_send_user_signal
SlurmdParameters=config_overrides
PreemptType=preempt/partition_prio
PreemptMode=REQUEUE
ReturnToService=2
KillWait=5
MessageTimeout=10
SlurmctldTimeout=30
SlurmdTimeout=20
CONFIGURATION
  for host in "${hosts[@]}"; do
    number=$((number + 1))
    printf 'NodeName=%s NodeHostname=%s NodeAddr=10.99.0.%d Port=%d CPUs=%d RealMemory=4000 State=UNKNOWN\n' \
      "$host" "$host" "$number" $((26800 + number)) "$cores_per_host"
  done
  printf 'PartitionName=%s Nodes=ALL State=UP MaxTime=INFINITE %s\n' \
    usual 'Default=YES PriorityTier=2 PreemptMode=OFF' \
    low 'PriorityTier=1 GraceTime=30' \
    high 'PriorityTier=3 PreemptMode=OFF'
}

start_host_daemon() {
  on_host "$1" env -u BALLAST_TEST_MARK -u TMPDIR slurmd -N "$1" -f "$SLURM_CONF"
}

all_hosts_idle() {
  [[ $(sinfo --noheader --partition=usual --Node --format=%T 2>/dev/null | grep -cx idle) == "${#hosts[@]}" ]]
}

start_cluster() {
  local host
  make_hosts 10.99.0 "${hosts[@]}"
  write_configuration >"$SLURM_CONF"
  printf 'CgroupPlugin=cgroup/v1\n' >"$cluster/cgroup.conf" # which are not used: slurmd must not look for them
  mkdir -m 700 "$cluster/state" "$cluster/munge"
  head -c 128 /dev/urandom >"$cluster/munge/key"
  chmod 600 "$cluster/munge/key"
  munged --force --key-file="$cluster/munge/key" --socket="$cluster/munge.socket" --pid-file="$cluster/munged.pid" \
    --log-file="$cluster/munged.log" --seed-file="$cluster/munge/seed" --num-threads=2 2>"$cluster/munged.err"
  slurmctld -c -f "$SLURM_CONF"
  for host in "${hosts[@]}"; do
    mkdir -p "$cluster/$host/spool" "$cluster/$host/tmp"
    start_host_daemon "$host"
  done
  wait_for 60 all_hosts_idle
}

# repair_hosts: after a test that has damaged them. A host that Slurm still has work for after some seconds is declared
# lost and taken in again, as an administrator would: by itself Slurm may wait a minute for the end of a job there.
repair_hosts() {
  local host state
  for host in "${hosts[@]}"; do
    mend_link "$host"
    if [[ -z $(ip netns pids "$host") ]]; then start_host_daemon "$host"; fi
  done
  (wait_for 5 all_hosts_idle) >/dev/null && return
  for host in "${hosts[@]}"; do
    if [[ $(sinfo --noheader --partition=usual --nodes="$host" --format=%T) != idle ]]; then
      for state in DOWN RESUME; do scontrol update NodeName="$host" State="$state" Reason=repaired; done
    fi
  done
  (wait_for 60 all_hosts_idle)
}

no_job_is_left() {
  [[ -z $(squeue --noheader) ]]
}

# stop_cluster: fails when something is left then.
stop_cluster() {
  local daemon left
  (wait_for 30 no_job_is_left) || squeue # Slurm kills what does not end by itself
  for daemon in "$cluster"/node*/slurmd.pid "$cluster/slurmctld.pid" "$cluster/munged.pid"; do
    if [[ -s $daemon ]]; then kill -TERM "$(<"$daemon")" 2>/dev/null; fi
  done
  for _ in {1..100}; do
    left=$(pgrep --list-full --full '(ballast|slurm|munged|mpirun|orted)' | grep -v "bash $script")
    [[ -n $left ]] || return 0
    sleep 0.1
  done
  printf 'left running: %s\n' "$left"
  return 1
}

# --- jobs ---

# submit ARG…: prints the number of the job. It writes log-NUMBER.
submit() {
  CLUSTER=lab sbatch --parsable --output=log-%j "$@" || fail "sbatch refuses: $*" >&3
}

job_field() {
  scontrol show job -o "$1" | sed -n "s/.* $2=\([^ ]*\).*/\1/p"
}

job_is() {
  [[ $(job_field "$1" JobState) =~ ^($2)$ ]]
}

job_ended() {
  job_is "$1" 'COMPLETED|FAILED|CANCELLED|TIMEOUT|NODE_FAIL|PREEMPTED'
}

# expect_job JOB SECONDS STATE: it ends like this, in this time.
expect_job() {
  [[ -n $1 ]] || fail 'there is no job'
  wait_for "$2" job_ended "$1"
  job_is "$1" "$3" ||
    fail "job $1 is $(job_field "$1" JobState) ($(job_field "$1" ExitCode)), not $3" "$(tail -n 20 "log-$1")"
}

# expect_solved JOB SECONDS: the batch script has ended with 0. Slurm may wait for a lost host still.
expect_solved() {
  wait_for "$2" job_is "$1" 'COMPLETED|COMPLETING'
  expect_equal "$(job_field "$1" ExitCode)" 0:0 "$(tail -n 20 "log-$1")"
}

# marked_on HOST NAME: processes of this test there.
marked_on() {
  comm -12 <(ip netns pids "$1" | sort) <(processes_named "$2" | sort)
}

# submit_counted SCRIPT SECONDS [OPTION OF SBATCH]… -- [OPTION OF MAP]…: a job for each line of `text`, which takes
# SECONDS until the file `fast` is there, and notes its host and its number.
submit_counted() {
  local script=$1 seconds=$2 options=()
  shift 2
  while [[ $1 != -- ]]; do options+=("$1") && shift; done
  submit --nodes=4 "${options[@]}" "$scripts/$script" map text --batch-lines 1 -o out --progress never \
    --lease "$lease" --speculate off "${@:2}" -- \
    sh -c 'test -e fast || sleep "$0"; hostname >>hosts; echo "$BALLAST_JOB" >>tried; cat' "$seconds"
}

# start_both: a job by each launcher, until every host has worked for both; they last until expect_both. Sets by_srun and
# by_mpirun.
start_both() {
  local launcher
  for launcher in srun mpirun; do
    mkdir "$launcher"
    cd "$launcher" || exit 1
    seq 800 >text
    if [[ $launcher == srun ]]; then export SOLVERS_PER_NODE=2; else unset SOLVERS_PER_NODE; fi
    declare -g "by_$launcher=$(LAUNCHER=$launcher submit_counted ballast.sbatch 0.4 --ntasks-per-node=2 --)"
    cd ..
  done
  for launcher in srun mpirun; do
    (wait_for 60 every_host_in "$launcher/hosts") ||
      fail "$(sort "$launcher/hosts" | uniq -c)" "$(tail -n 20 "$launcher"/log-*)"
  done
}

expect_both() {
  local launcher job
  touch srun/fast mpirun/fast
  for launcher in srun mpirun; do
    job=by_$launcher
    cd "$launcher" || exit 1
    expect_solved "${!job}" 90
    expect_same out text
    cd ..
  done
}

# is_requeued JOB TIMES
is_requeued() {
  job_is "$1" PENDING && [[ $(job_field "$1" Restarts) == "$2" ]]
}

# runs_nothing_of_ours HOST: no computing node, no solver and no command.
runs_nothing_of_ours() {
  [[ -z $(marked_on "$1" ballast)$(marked_on "$1" ballast-solver)$(marked_on "$1" sleep) ]]
}

# expect_nothing_twice FILE: no job was tried again.
expect_nothing_twice() {
  [[ -z $(sort "$1" | uniq -d) ]] || fail 'tried twice:' "$(sort "$1" | uniq -d | tr '\n' ' ')"
}

# readme_block HEADING: the first code block below it, a line each.
readme_block() {
  awk -v heading="## $1" '$0 == heading { found = 1 } found && /^```/ { if (inside) exit; inside = 1; next } inside' \
    "$scripts/../README.md"
}

# lines_in FILE N: so many at least.
lines_in() {
  [[ -f $1 && $(wc -l <"$1") -ge $2 ]]
}

# every_host_in FILE
every_host_in() {
  [[ -f $1 && $(sort -u "$1") == "$(printf '%s\n' "${hosts[@]}")" ]]
}

# --- how the tests are run ---

# enter_namespaces PROGRAM…: starts this script once more, in namespaces and with a folder of its own, if root may and
# the programs are there.
enter_namespaces() {
  local program status=0 left
  [[ $(id -u) == 0 ]] || skip 'only root makes hosts of network namespaces'
  for program in ip unshare nsenter "$@"; do
    command -v "$program" >/dev/null || skip "$program is missing; scripts/setup installs it"
  done
  (become_namespaces true) 2>/dev/null || skip 'namespaces are not allowed here'
  cluster=$(mktemp -d "${TMPDIR:-/tmp}/ballast-cluster.XXXXXX") || exit 1
  trap 'rm -rf "$cluster"' EXIT
  touch "$cluster/began"
  BALLAST_CLUSTER=$cluster become_namespaces bash "$script" "${arguments[@]}" &
  trap 'kill -KILL $! 2>/dev/null' INT TERM
  wait $! || status=$?
  left=$(find /var/log /var/spool /var/lib /run -newer "$cluster/began" \
    \( -iname '*slurm*' -o -iname '*munge*' \) 2>/dev/null)
  if [[ -n $left ]]; then
    printf 'written outside of the folder of the test: %s\n' "$left"
    status=1
  fi
  exit "$status"
}

# run_at_once N TEST…: that many at a time. A test that fails leaves its name in $cluster/failed.
run_at_once() {
  local name most=$1
  shift
  for name in "$@"; do
    while [[ $(jobs -pr | wc -l) -ge $most ]]; do wait -n; done
    (
      export SBATCH_JOB_NAME=$name
      report=$(run_one_test "$name") || printf '%s\n' "$name" >>"$cluster/failed"
      printf '%s\n' "$report"
      scancel --name="$name" # of a test that has failed
    ) &
  done
  wait
}

# run_side_by_side TEST…: whose shared memory it was that is left, one cannot tell.
run_side_by_side() {
  local side_by_side=1 left
  shared_memory_entries >"$cluster/shared-before"
  run_at_once "${BALLAST_SLURM_AT_ONCE:-4}" "$@"
  left=$(forgotten_shared_memory "$cluster/shared-before")
  [[ -n $left ]] || return 0
  printf 'left behind by one of these: %s\n' "${left//$'\n'/ }"
  printf 'shared memory\n' >>"$cluster/failed"
}

run_in_cluster() {
  local -a names=("$@") alone=() together=()
  local name
  [[ -n $cluster ]] || enter_namespaces sbatch slurmctld slurmd munged mpirun pgrep
  PATH=$(dirname "$BALLAST"):$PATH
  export SLURM_CONF=$cluster/slurm.conf
  (start_cluster) >"$cluster/start.log" 2>&1 || fail 'the cluster does not start:' "$(tail -n 20 "$cluster"/*.log)"
  if [[ ${#names[@]} == 0 ]]; then mapfile -t names < <(grep -o '^test_[a-z0-9_]*' "$script"); fi
  : >"$cluster/failed"
  for name in "${names[@]}"; do
    if [[ $name == test_alone_* ]]; then alone+=("$name"); else together+=("$name"); fi
  done
  run_side_by_side "${together[@]}"
  for name in "${alone[@]}"; do
    run_at_once 1 "$name"
    repair_hosts || printf 'repair\n' >>"$cluster/failed"
  done
  stop_cluster || printf 'the cluster\n' >>"$cluster/failed"
  printf '%d passed, %d failed, %d s\n' $((${#names[@]} - $(wc -l <"$cluster/failed"))) "$(wc -l <"$cluster/failed")" \
    "$SECONDS"
  [[ ! -s $cluster/failed ]]
}
