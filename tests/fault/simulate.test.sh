#!/usr/bin/env bash
# What simulate makes of policies: in virtual time, in real runs, and from recordings.
source "$(dirname "${BASH_SOURCE[0]}")/scene.bash"

# expect_usage_error REGEX ARG…
expect_usage_error() {
  local pattern=$1
  shift
  expect_status 2 "$BALLAST" simulate "$@" >out 2>err
  expect_only_message err "$pattern"
  expect_empty out
}

# expect_usage_error_at_ranks REGEX ARG…: each rank sees it, or one alone; the run ends, and one message is printed.
expect_usage_error_at_ranks() {
  local pattern=$1
  shift
  expect_status 2 ranks 3 simulate "$@" >out 2>err
  expect_message err "$pattern"
  expect_empty out
}

# gather_policies: sets `policies`, those that `all` stands for.
gather_policies() {
  mapfile -t policies < <("$BALLAST" simulate --nodes 2 --jobs 4 --csv | sed -n '2,$s/,.*//p')
  [[ ${#policies[@]} -ge 5 ]] || fail "only ${#policies[@]} policies"
}

# makespan POLICY FILE: in microseconds; of several seeds, the one in the middle.
makespan() {
  awk -F, -v policy="$1" '$1 == policy { printf "%.0f\n", $2 * 1e6 }' "$2" | sort -n | awk '{ all[NR] = $1 } END { print all[int((NR + 1) / 2)] }'
}

test_a_table_in_virtual_time_has_a_line_for_every_policy() {
  local policies policy
  gather_policies
  expect_status 0 "$BALLAST" simulate --nodes 100 --jobs 5000 >table 2>err
  expect_empty err
  for policy in "${policies[@]}"; do expect_contains table "^$policy +[0-9]"; done
  expect_equal "$(wc -l <table)" $((${#policies[@]} + 2))
  expect_status 0 ranks 3 simulate --nodes 100 --jobs 5000 >again
  expect_same table again
}

test_real_runs_solve_every_job_and_auto_minds_a_slow_node_where_static_does_not() {
  local common=(--policies 'auto,static' --jobs 90 --cost 'constant:mean=8ms' --speeds 'slow:factor=8' --csv)
  expect_status 0 ranks 4 simulate --real sleep "${common[@]}" --timeline attempts >real 2>err
  expect_empty err
  "$BALLAST" simulate --nodes 3 "${common[@]}" >virtual
  sed 's/,[^,]*$//' real | cut -d, -f 1,3,7- >given
  sed 's/,[^,]*$//' virtual | cut -d, -f 1,3,7- | cmp - given || fail 'not the same workload:' "$(<real)"
  expect_contains real ',sleep$'
  expect_contains virtual ',simulated$'
  awk -F, '$8 == "solved" { print $1, $4 }' attempts | sort -u | cut -d' ' -f1 | uniq -c >solved
  expect_equal "$(awk '{ print $1, $2 }' solved | tr '\n' ' ')" '90 auto 90 static '
  awk -F, '$2 == 1 && $7 - $6 < 0.06 { exit 1 }' attempts || fail 'the slow node is not slow'
  [[ $(makespan auto real) -lt $(($(makespan static real) * 7 / 10)) ]] || fail 'auto is no faster:' "$(<real)"
}

test_jobs_that_compute_use_the_time_of_a_processor() {
  local TIMEFORMAT='%U %S'
  { time "$BALLAST" simulate --real compute --policies self --jobs 20 --cost constant:mean=20ms --csv >out; } 2>used
  expect_contains out ',compute$'
  awk '{ exit $1 + $2 < 0.38 }' used || fail "used $(<used) s of CPU time, not 0.4"
}

test_runs_of_all_policies_are_replayed_with_the_same_decisions() {
  local policies policy
  gather_policies
  expect_status 0 ranks 4 simulate --real sleep --policies all --jobs 60 --cost exponential:mean=500us \
    --speeds slow:factor=5 --record runs >table
  for policy in "${policies[@]}"; do
    expect_status 0 "$BALLAST" simulate --replay "runs/$policy-0" >out 2>err
    expect_contains out "^[0-9]+ events, the same decisions \(policy $policy\)$"
    expect_equal "$(wc -l <out)" 1
    expect_empty err
  done
}

test_a_difference_is_shown_and_a_recording_that_was_cut_says_so() {
  expect_status 0 "$BALLAST" simulate --real sleep --policies self --jobs 20 --cost constant:mean=1ms --record run >table
  mkdir changed cut
  sed 's/assign 0 0+/assign 0 1+/' run/decisions >changed/decisions
  ! cmp -s run/decisions changed/decisions || fail 'nothing was changed:' "$(head -n 20 run/decisions)"
  expect_status 1 "$BALLAST" simulate --replay changed >out 2>err
  expect_contains out '^event [0-9]+ is decided otherwise$'
  expect_contains out '^told:$'
  expect_contains out '^recorded:$'
  expect_contains out '^now:$'
  expect_empty err
  head -n -3 run/decisions >cut/decisions
  expect_status 0 "$BALLAST" simulate --replay cut >out
  expect_contains out 'the same decisions'
  expect_contains out 'ends in the middle'
  expect_status 3 "$BALLAST" simulate --replay nowhere >out 2>err
  expect_only_message err 'nowhere/decisions'
}

test_until_explains_every_decision_up_to_that_of_the_job() {
  expect_status 0 "$BALLAST" simulate --real sleep --policies self --jobs 300 --cost constant:mean=1ms --record run >table
  expect_status 0 "$BALLAST" simulate --replay run --until job=4 >out
  expect_contains out '^0\.[0-9]+ s  node [0-9]+ gets job 4: .*by self'
  expect_contains out '^job 4 is resolved here$'
  ! grep -q 'gets job 200' out || fail 'went on behind the job:' "$(<out)"
  expect_status 0 "$BALLAST" simulate --replay run --until job=300 >out
  expect_contains out 'gets job 299: '
  expect_contains out '^job 300 is not resolved'
}

test_options_that_contradict_each_other_are_refused() {
  expect_usage_error '--faults' --real sleep --faults failing:0.1
  expect_usage_error '--latency' --real sleep --latency 1ms
  expect_usage_error '--nodes says 7' --real sleep --nodes 7
  expect_usage_error '--real' --record somewhere
  expect_usage_error '--jobs' --replay somewhere --jobs 5
  expect_usage_error '--policies' --replay somewhere --policies self
  expect_usage_error '--cost' --replay somewhere --cost constant
  expect_usage_error '--until' --replay somewhere --until 5
  expect_usage_error 'nonsense' --cost nonsense
  expect_absent somewhere
}

test_a_mistake_ends_all_ranks_even_if_only_one_can_see_it() {
  expect_usage_error_at_ranks '--nodes says 7, but there are 2' --real sleep --nodes 7
  expect_usage_error_at_ranks 'nonsense' --real sleep --cost nonsense
  expect_usage_error_at_ranks 'nonsense' --cost nonsense
  expect_status 3 ranks 3 simulate --real sleep --joblog missing 2>err
  expect_message err 'missing'
}

run_tests "$@"
