#!/usr/bin/env bash
# The scripts of slurm/ on a real Slurm of four hosts: whatever happens to a job, its result is right in the end.
# shellcheck disable=SC2016  # what the commands expand is theirs
source "$(dirname "${BASH_SOURCE[0]}")/cluster.bash"

nobody_runs() {
  [[ -z $(processes_named ballast)$(processes_named ballast-solver)$(processes_named srun)$(processes_named mpirun) ]]
}

# Slurm looks at time limits every 30 s only, so this takes up to 40 s.
reach_time_limit() {
  end_in 45 "$1"
  wait_for 90 is_requeued "$1" "$2"
  scontrol update jobid="$1" StartTime=now
}

# end_in SECONDS JOB: its time will be over then.
end_in() {
  scontrol update jobid="$2" EndTime="$(date -d "+$1 seconds" +%FT%T)"
}

test_a_run_that_reaches_its_time_limit_twice_is_requeued_until_it_is_done() {
  seq 2000 >text
  local job
  job=$(submit_counted requeue.sbatch 0.5 --ntasks=8 --time=10 --signal=B:USR1@10 -- --run-dir runs)
  wait_for 60 lines_in tried 10
  reach_time_limit "$job" 1
  local before
  before=$(wc -l <tried)
  wait_for 60 lines_in tried $((before + 10))
  reach_time_limit "$job" 2
  touch fast
  expect_job "$job" 90 COMPLETED
  expect_same out text
  expect_contains "log-$job" 'stopped by SIGUSR1'
  expect_contains "log-$job" 'restart 2 of at most 20'
  expect_nothing_twice tried
}

test_with_an_automatic_time_limit_a_run_ends_before_slurm_ends_it() {
  seq 2000 >text
  local job
  job=$(submit_counted ballast.sbatch 0.5 --ntasks=4 --time=1 -- --run-dir runs --time-limit auto)
  expect_job "$job" 100 FAILED
  expect_equal "$(job_field "$job" ExitCode)" 75:0
  expect_contains "log-$job" 'its time limit'
  expect_absent out
}

# The warning comes 300 s before the end, where the script itself asks for 120; Slurm may be 30 s early.
test_another_warning_drains_a_run_and_its_restarts_are_bounded() {
  seq 2000 >text
  local job
  job=$(MAX_RESTARTS=0 submit_counted requeue.sbatch 0.5 --ntasks=4 --time=10 --signal=B:USR1@300 -- --run-dir runs)
  wait_for 60 lines_in tried 10
  end_in 330 "$job"
  expect_job "$job" 90 FAILED
  expect_equal "$(job_field "$job" ExitCode)" 75:0
  expect_contains "log-$job" 'stopped by SIGUSR1'
  expect_contains "log-$job" 'stopped after 0 restarts'
}

test_map_over_four_hosts_by_both_launchers_one_rank_per_core_and_one_per_host() {
  seq 60 >text
  local launcher shape folder job
  local -A jobs=()
  for launcher in srun mpirun; do
    for shape in core host; do
      mkdir "$launcher-$shape"
      cd "$launcher-$shape" || exit 1
      cp ../text .
      if [[ $shape == host ]]; then export SOLVERS_PER_NODE=2; else unset SOLVERS_PER_NODE; fi
      jobs[$launcher-$shape]=$(LAUNCHER=$launcher submit_counted ballast.sbatch 0.2 --ntasks=8 --ntasks-per-node=2 --)
      cd ..
    done
  done
  for folder in "${!jobs[@]}"; do
    cd "$folder" || exit 1
    job=${jobs[$folder]}
    expect_job "$job" 90 COMPLETED
    expect_same out text
    every_host_in hosts || fail "$folder: not every host had jobs:" "$(sort hosts | uniq -c)"
    if [[ $folder == *-core ]]; then
      expect_contains "log-$job" '8 computing nodes'
    else
      expect_contains "log-$job" '4 computing nodes'
      expect_contains "log-$job" ': map --solvers 2 text'
    fi
    cd ..
  done
}

test_run_over_four_hosts_by_both_launchers() {
  local launcher
  local -A jobs=()
  seq -f 'sleep 0.2; echo %.0f' 24 >tasks
  seq 24 >expected
  for launcher in srun mpirun; do
    jobs[$launcher]=$(LAUNCHER=$launcher submit --nodes=4 --ntasks=4 "$scripts/ballast.sbatch" run tasks -o "out-$launcher" \
      --joblog "joblog-$launcher")
  done
  for launcher in srun mpirun; do
    expect_job "${jobs[$launcher]}" 90 COMPLETED
    expect_same "out-$launcher" expected
    [[ $(tail -n +2 "joblog-$launcher" | cut -f 2 | sort -u | wc -l) == 4 ]] ||
      fail "$launcher: not every host had jobs:" "$(<"joblog-$launcher")"
  done
}

test_the_launcher_is_mpirun_where_it_is_installed_and_else_srun() {
  seq 4 >text
  mkdir programs
  ln -s /usr/bin/* programs
  rm programs/mpirun*
  local by_mpirun by_srun
  by_mpirun=$(submit --nodes=2 --ntasks=2 "$scripts/ballast.sbatch" map text -o a -- cat)
  by_srun=$(PATH=$PWD/programs BALLAST=$BALLAST submit --nodes=2 --ntasks=2 "$scripts/ballast.sbatch" map text -o b -- cat)
  expect_job "$by_mpirun" 60 COMPLETED
  expect_job "$by_srun" 60 COMPLETED
  expect_same a text
  expect_same b text
  expect_contains "log-$by_mpirun" '2 computing nodes by mpirun'
  expect_contains "log-$by_srun" '2 computing nodes by srun'
}

test_all_cores_of_a_host_are_solvers_of_one_computing_node() {
  seq 4 >text
  local job
  job=$(SOLVERS_PER_NODE=all submit --nodes=2 --cpus-per-task=3 "$scripts/ballast.sbatch" map text -o out -- cat)
  expect_job "$job" 60 COMPLETED
  expect_same out text
  expect_contains "log-$job" '2 computing nodes by'
  expect_contains "log-$job" 'map --solvers 3 text'
}

test_two_jobs_at_once_on_the_same_hosts_do_not_mix() {
  local name
  local -A jobs=()
  for name in first second; do
    mkdir "$name"
    cd "$name" || exit 1
    seq -f "$name %.0f" 40 >text
    jobs[$name]=$(submit_counted ballast.sbatch 0.1 --ntasks=4 --)
    cd ..
  done
  for name in first second; do
    cd "$name" || exit 1
    expect_job "${jobs[$name]}" 60 COMPLETED
    expect_same out text
    cd ..
  done
}

# A cancelled job is not requeued, and what is done is kept.
test_a_run_that_is_cancelled_ends_everywhere_and_can_be_resumed() {
  seq 300 >text
  local job
  job=$(submit_counted requeue.sbatch 0.5 --ntasks=8 -- --run-dir runs --grace 1s)
  wait_for 60 lines_in tried 10
  scancel "$job"
  expect_job "$job" 20 CANCELLED
  wait_for 5 nobody_runs
  clear_after_mpirun # its daemons were killed
  expect_absent out
  touch fast
  job=$(submit_counted requeue.sbatch 0.5 --ntasks=8 -- --run-dir runs)
  expect_job "$job" 60 COMPLETED
  expect_same out text
}

# kill_computing_node HOST FOLDER: one agent that works in this folder, not its solvers.
kill_computing_node() {
  local agent
  for agent in $(marked_on "$1" ballast); do
    [[ /proc/$agent/cwd -ef $2 ]] || continue
    kill -KILL "$agent"
    return
  done
  fail "no computing node runs on $1 for $2"
}

# By itself: among other starts on the same hosts Open MPI's own start (under PMIx) was seen to crash, twice.
test_alone_a_computing_node_that_is_killed_changes_nothing() {
  start_both
  kill_computing_node node3 srun
  kill_computing_node node3 mpirun
  expect_both
  clear_after_mpirun # its daemon there forgets to
}

test_alone_the_readme_s_lines_work_as_written() {
  local line job lines
  ln -s "$scripts" slurm
  tail -n 2000 "$dictionary" >corpus.txt
  printf '#!/bin/sh\nexec wc -w\n' >score
  chmod +x score
  export CLUSTER=lab
  mapfile -t lines < <(readme_block 'On a cluster')
  [[ ${#lines[@]} == 3 ]] || fail 'the README has other lines'
  for line in "${lines[@]}"; do
    rm -f out.txt
    job=$(bash -c "$line") || fail "this failed: $line"
    job=${job##* }
    mv "ballast-$job.out" "log-$job" 2>/dev/null || ln -s "ballast-$job.out" "log-$job"
    expect_job "$job" 60 COMPLETED
    expect_equal "$(awk '{ sum += $1 } END { print sum }' out.txt)" "$(wc -w <corpus.txt)" "$line"
  done
  expect_status 3 sbatch --wait --nodes=4 slurm/ballast.sbatch map missing.txt -- cat >sbatch.out
}

test_slurm_takes_the_scripts_as_they_are() {
  expect_status 0 sbatch --test-only "$scripts/ballast.sbatch" map text -- cat 2>err
  expect_contains err 'to start at'
  expect_status 0 sbatch --test-only "$scripts/requeue.sbatch" map text --run-dir runs -- cat 2>err
  expect_contains err 'to start at'
}

test_what_cannot_run_is_said_in_the_log() {
  local job
  job=$(submit "$scripts/requeue.sbatch" map text -- cat)
  expect_job "$job" 30 FAILED
  expect_contains "log-$job" 'add --run-dir DIR'
  job=$(BALLAST=nowhere submit "$scripts/ballast.sbatch" map text -- cat)
  expect_job "$job" 30 FAILED
  expect_contains "log-$job" 'nowhere is not in PATH'
  job=$(MODULES=openmpi submit "$scripts/ballast.sbatch" map text -- cat)
  expect_job "$job" 30 FAILED
  expect_contains "log-$job" 'there is no .module. to load openmpi with'
}

run_in_cluster "$@"
