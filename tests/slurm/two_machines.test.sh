#!/usr/bin/env bash
# The README's "Two machines", without Slurm: hosts with different numbers of slots and of different speed. The machine
# `a` is where one types; mpirun reaches `b` by something that is called ssh.
# shellcheck disable=SC2016  # what the commands expand is theirs
source "$(dirname "${BASH_SOURCE[0]}")/cluster.bash"

default_time_limit=60
unset OMPI_MCA_rmaps_base_oversubscribe # there are slots enough

# start_machines: in the folder of the test. 60 records; b takes four times as long for one.
start_machines() {
  mkdir bin
  cat >bin/ssh <<'SSH'
#!/usr/bin/env bash
[[ $1 != -x ]] || shift
host=$1
shift
exec nsenter --net="/run/netns/$host" unshare --uts sh -c 'hostname "$0" && eval "$@"' "$host" "$*"
SSH
  cat >bin/score <<'SCORE'
#!/usr/bin/env bash
hostname >>hosts-of-jobs
if [[ $(hostname) == b ]]; then sleep 0.4; else sleep 0.1; fi
exec tr a-z A-Z
SCORE
  chmod +x bin/*
  PATH=$PWD/bin:$PATH
  seq -f 'record %.0f' 60 >corpus.txt
  tr a-z A-Z <corpus.txt >wanted
}

jobs_on() {
  grep -cx "$1" hosts-of-jobs
}

expect_result() {
  expect_same out.txt wanted
  [[ $(jobs_on b) -gt 0 ]] || fail 'b had nothing to do'
  [[ $(jobs_on a) -gt $((2 * $(jobs_on b))) ]] || fail "the slow b had $(jobs_on b) jobs, a $(jobs_on a)"
}

test_plain_mpirun_takes_a_hostfile_with_different_slots() {
  start_machines
  printf 'a slots=4\nb slots=2\n' >hosts
  on_host a mpirun --mca btl_tcp_if_include 10.98.0.0/24 --mca oob_tcp_if_include 10.98.0.0/24 --hostfile hosts \
    ballast map corpus.txt --batch-lines 1 -o out.txt -- score 2>err || fail "$(<err)"
  expect_result
}

test_launch_takes_slots_by_host() {
  start_machines
  on_host a ballast launch --host a:4,b:2 --mpi-arg --mca --mpi-arg btl_tcp_if_include --mpi-arg 10.98.0.0/24 \
    --mpi-arg --mca --mpi-arg oob_tcp_if_include --mpi-arg 10.98.0.0/24 \
    -- map corpus.txt --batch-lines 1 -o out.txt -- score 2>err || fail "$(<err)"
  expect_result
}

test_launch_takes_a_hostfile() {
  start_machines
  printf 'a slots=4\nb slots=2\n' >hosts
  on_host a ballast launch -n 6 --hostfile hosts -- map corpus.txt --batch-lines 1 -o out.txt -- score 2>err ||
    fail "$(<err)"
  expect_result
}

test_one_rank_per_machine_feeds_all_its_cores() {
  start_machines
  on_host a ballast launch --host a:1,b:1 -- map corpus.txt --solvers 3 --batch-lines 1 -o out.txt -- score 2>err ||
    fail "$(<err)"
  expect_result
}

test_the_readme_s_lines_work_as_written() {
  local line lines
  start_machines
  cp bin/score score
  mapfile -t lines < <(readme_block 'Two machines')
  [[ ${#lines[@]} == 5 ]] || fail 'the README has other lines'
  for line in "${lines[@]}"; do
    rm -f out.txt
    on_host a bash -c "$line" 2>err || fail "this failed: $line" "$(<err)"
    [[ $line == printf* ]] || expect_same out.txt wanted
  done
}

[[ -n $cluster ]] || enter_namespaces mpirun
make_hosts 10.98.0 a b
PATH=$(dirname "$BALLAST"):$PATH
run_tests "$@"
