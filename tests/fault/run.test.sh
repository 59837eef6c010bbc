#!/usr/bin/env bash
# Commands as jobs: those that fail, hang, crash, chatter or say nothing; their order, their log, their repetition.
# shellcheck disable=SC2016,SC1083,SC1003  # what the commands expand is theirs; {1} is a placeholder
source "$(dirname "${BASH_SOURCE[0]}")/scene.bash"

# logged COLUMN…: of a job log, by Seq.
logged() {
  tail -n +2 "$1" | sort -n | cut -f "$2"
}

# A file of commands of every kind; line 2 is blank, line 3 a comment.
write_tasks() {
  cat >tasks <<'TASKS'
echo one

# nothing to do
echo half; exit 3
sleep 1000
echo "a   b"; kill -9 $$
seq 30000
true
echo oops >&2
cat; echo read nothing
/no/such/program
TASKS
}

test_a_file_of_commands_of_every_kind() {
  write_tasks
  {
    printf 'one\nhalf\na   b\n'
    seq 30000
    echo read nothing
  } >expected
  expect_status 1 ranks 20 run tasks --timeout 2s --joblog log >out 2>err
  expect_same out expected
  expect_equal "$(head -n 1 log)" $'Seq\tHost\tStarttime\tJobRuntime\tSend\tReceive\tExitval\tSignal\tCommand'
  expect_equal "$(logged log 1,7,8 | tr '\t\n' ', ')" '1,0,0 4,3,0 5,-1,15 6,0,9 7,0,0 8,0,0 9,0,0 10,0,0 11,127,0 '
  expect_equal "$(logged log 6 | tr '\n' ' ')" '4 5 0 6 168894 0 0 13 0 '
  grep -q '^\[job 9\] oops$' err || fail 'the stderr of a job is missing' "$(<err)"
  grep -q 'job 4 given up after 1 attempt (exit status 3' err || fail 'a job given up is not named' "$(<err)"
}

test_the_columns_of_the_log_are_those_of_gnu_parallel() {
  printf 'true\nexit 3\nkill -9 $$\necho x\n' >tasks
  expect_present "$(command -v parallel)"
  parallel --will-cite -j1 --joblog theirs <tasks >/dev/null 2>&1
  "$BALLAST" run tasks --joblog ours >/dev/null 2>&1
  local shape='s/[0-9]+\.[0-9]{3}/T/g; s/ +T/T/g'
  sed -E "$shape" theirs >theirs.shape
  { head -n 1 ours && tail -n +2 ours | sort -n; } | sed -E "$shape" >ours.shape
  expect_same ours.shape theirs.shape
  parallel --will-cite --resume --joblog ours <tasks >left 2>&1  # there is nothing left to do for them
  expect_empty left
}

test_values_arrive_as_one_argument_unchanged() {
  local values=('a b' "it's" '$(touch owned)' '"q"' '*' '' $'two\nlines' '-n' '\')
  printf '%s\0' "${values[@]}" >expected
  "$BALLAST" run 'printf "%s\\0" {}' ::: "${values[@]}" >out || fail 'failed'
  expect_same out expected
  "$BALLAST" run printf '%s\0' {} ::: "${values[@]}" >out || fail 'failed without a shell'
  expect_same out expected
  expect_absent owned
}

test_all_combinations_in_the_order_of_gnu_parallel() {
  expect_equal "$("$BALLAST" run echo {2} {1} {#} ::: a b ::: x y | tr '\n' ,)" 'x a 1,y a 2,x b 3,y b 4,'
  expect_equal "$("$BALLAST" run --link echo {1}{2} ::: a b c ::: x y | tr '\n' ,)" 'ax,by,cx,'
  printf 'alpha\n1\n2\n' >alpha
  printf 'beta\nx y\n' >beta
  expect_equal "$("$BALLAST" run --header -a alpha -a beta -- echo {beta}/{alpha} | tr '\n' ,)" 'x y/1,x y/2,'
  expect_equal "$(printf 'b\na\n' | "$BALLAST" run -- echo got | tr '\n' ,)" 'got b,got a,'
  expect_equal "$("$BALLAST" run --dry-run 'f {.} {/}' ::: d/e.txt)" 'f d/e e.txt'
  printf 'a,b\r\n1,2\r\n' >table
  expect_equal "$("$BALLAST" run --header : --colsep , 'echo {b}/{a}' :::: table)" '2/1'
}

test_each_output_in_its_own_file() {
  expect_status 1 "$BALLAST" run --output-dir out 'echo {}; echo err {} >&2; exit {}' ::: 0 5 >nothing 2>err
  expect_empty nothing
  expect_equal "$(cat out/1/stdout out/1/stderr out/2/stdout out/2/stderr | tr '\n' ,)" '0,err 0,5,err 5,'
}

test_tags_stand_before_each_line() {
  expect_equal "$("$BALLAST" run --tag 'echo {}; echo' ::: a 'b c' | tr '\t\n' '>,')" 'a>a,a>,b c>b c,b c>,'
}

test_much_printed_by_one_command_does_not_fill_the_memory() {
  printf 'echo first\nhead -c %s /dev/zero; exit 1\necho last\n' "$much" >tasks
  start_ranks 3 run tasks -o out --run-dir run
  local run=$!
  wait_for 10 rank_process 0 >main
  watch_memory "$(head -n 1 main)" peak
  expect_within 1 1 "$run"
  expect_equal "$(tr -d '\0' <out | tr '\n' ,)" 'first,last,'
  expect_equal "$(stat -c %s out)" "$((much + 11))"
  expect_memory peak 200
}

test_what_a_job_given_up_had_printed_is_there_after_a_resume() {
  printf 'echo half; echo x >>tried; exit 3\necho whole\n' >tasks
  expect_status 1 "$BALLAST" run tasks --run-dir run >out 2>err
  expect_status 1 "$BALLAST" run tasks --run-dir run --resume >again 2>err
  expect_same again out
  expect_equal "$(tr '\n' , <again)" 'half,whole,'
  expect_equal "$(wc -l <tried)" 1
  grep -q '^by hand: echo half; echo x >>tried; exit 3$' run/failed/1.txt || fail 'no word on how to run it by hand'
  sed -i 's/exit 3/exit 0/' tasks && expect_status 2 "$BALLAST" run tasks --run-dir run --resume >again 2>err
}

test_commands_are_not_tried_again_unless_asked_for() {
  expect_status 1 "$BALLAST" run 'echo x >>tried; exit {}' ::: 1 2>err
  expect_equal "$(wc -l <tried)" 1
  expect_status 1 "$BALLAST" run --retries 2 'echo x >>tried; exit {}' ::: 1 2>err
  expect_equal "$(wc -l <tried)" 4
}

test_a_job_log_alone_is_enough_to_resume() {
  printf 'echo a >>finished\ntest -e fixed && echo b >>finished\necho c >>finished\n' >tasks
  expect_status 1 "$BALLAST" run -j1 tasks --joblog log 2>err
  expect_status 0 "$BALLAST" run -j1 tasks --joblog log --resume 2>err
  touch fixed
  expect_status 0 "$BALLAST" run -j1 tasks --joblog log --resume-failed 2>err
  expect_equal "$(tr '\n' , <finished)" 'a,c,b,'
  expect_equal "$(tail -n +2 log | cut -f 1,7 | tr '\t\n' ', ')" '1,0 2,1 3,0 2,0 '
}

test_killed_and_resumed_five_times_each_command_succeeds_once_and_once_for_each_kill() {
  local i round run
  for i in $(seq 200); do echo "sleep 0.0$((i % 9)); echo $i >>finished; echo out $i"; done >tasks
  for i in $(seq 200); do echo "out $i"; done >expected
  for round in 1 2 3 4 5; do
    start_ranks 20 run tasks --run-dir run --resume --progress never >out 2>err
    run=$!
    wait_for 20 test -s run/joblog
    sleep "0.$((round * 2 - 1))"
    kill -KILL "$run" || true  # the ranks find out by themselves
    wait "$run" || true
    wait_for 20 no_rank_lives
  done
  expect_status 0 ranks 20 run tasks --run-dir run --resume --progress never >out 2>err
  expect_same out expected
  sort finished | uniq -c | awk '$1 > 6 { exit 1 }' || fail 'a command succeeded more than once for each kill'
  expect_equal "$(sort -u finished | wc -l)" 200
  # At most those that were running, of 19 solvers, five times.
  [[ $(wc -l <finished) -le 295 ]] || fail "$(wc -l <finished) successes of 200 commands"
  clear_after_mpirun
}

test_a_drained_run_lets_commands_say_goodbye() {
  printf '%s\n' "trap 'echo bye >>said; exit 1' TERM; echo x >started; sleep 1000 & wait" >tasks
  "$BALLAST" run tasks --run-dir run --grace 0.2s 2>err &
  local run=$!
  wait_for 10 test -s started
  kill -TERM "$run"
  expect_within 5 75 "$run"
  wait_for 3 test -s said
}

test_a_delay_keeps_starts_apart() {
  "$BALLAST" run -j4 --delay 0.3s --joblog log 'sleep 0.1; true {}' ::: 1 2 3 4 || fail 'failed'
  tail -n +2 log | cut -f 3 | sort -n | awk 'NR > 1 && $1 - last < 0.28 { exit 1 } { last = $1 }' ||
    fail 'two jobs started too close to each other' "$(<log)"
}

test_the_longest_come_first_by_an_earlier_log() {
  printf 'sleep 0.1\nsleep 0.5\nsleep 0.3\n' >tasks
  "$BALLAST" run tasks --joblog log || fail 'failed'
  "$BALLAST" run -j1 --policy longest-first tasks --learn-from log --joblog second || fail 'failed with the log'
  expect_equal "$(tail -n +2 second | cut -f 1 | tr '\n' ' ')" '2 3 1 '
}

test_a_signal_ends_a_run_whose_input_has_not_come() {
  mkfifo fifo
  sleep 1000 >fifo &
  local writer=$!
  "$BALLAST" run --run-dir run <fifo 2>err &
  local run=$!
  wait_for 10 test -e run/lock
  sleep 0.2
  kill -TERM "$run"
  expect_within 5 75 "$run"
  expect_only_message err 'drained by SIGTERM.*go on with: ballast run --resume --run-dir run'
  kill "$writer"
}

test_a_halt_starts_no_command_after_the_failure() {
  printf 'sleep 0.1; false\ntouch late\ntouch later\n' >tasks
  expect_status 1 "$BALLAST" run -j1 --halt soon,fail=1 tasks 2>err
  expect_absent late later
  grep -q '^ballast: 1 of 3 jobs given up (job 1)$' err || fail 'the end is not told as it was' "$(<err)"
}

test_jobs_are_counted_as_lines_are() {
  printf 'echo a\n# c\n\necho err >&2; false\n' >tasks
  expect_status 1 "$BALLAST" run tasks --run-dir run >out 2>err
  grep -q 'job 4 given up' err || fail 'line 4 is called otherwise' "$(<err)"
  grep -q '^\[job 4\] err$' err || fail 'the stderr of line 4 is called otherwise' "$(<err)"
  expect_equal "$(ls run/failed)" $'4.input\n4.stderr\n4.txt'
}

test_what_was_logged_is_not_lost_when_there_is_no_run_directory() {
  printf 'true\nsleep 1000\n' >tasks
  "$BALLAST" run -j1 tasks --joblog log --grace 0.2s --quiet 2>err &
  local run=$!
  wait_for 10 lines_in log 2
  kill -TERM "$run"
  expect_within 5 143 "$run"
  expect_only_message err '1 of 2 jobs were solved, and are in the job log log.; go on with: ballast run --resume'
}

# What was done is not done again, so it must not be lost: not the outputs that wait for an earlier one, nor what runs.
test_a_run_with_a_job_log_prints_all_that_it_has_logged_before_it_is_drained() {
  printf 'until test -e finish; do sleep 0.05; done; echo slow\necho one\necho two\nsleep 1000\n' >tasks
  local way
  for way in '' '-o out'; do
    rm -f finish log out
    # shellcheck disable=SC2086  # an option and its value
    "$BALLAST" run -j2 tasks --joblog log --grace 2s $way >printed 2>err &
    local run=$!
    wait_for 10 lines_in log 3
    kill -TERM "$run"
    wait_for 10 grep -q 'stopped by SIGTERM' err
    touch finish
    expect_within 10 143 "$run"
    if [[ -n $way ]]; then mv out printed; fi
    expect_equal "$(tr '\n' , <printed)" 'slow,one,two,'
    expect_equal "$(cut -f 1 log | tail -n +2 | sort | tr '\n' ,)" '1,2,3,'
  done
}

test_a_resume_by_job_log_adds_to_what_was_printed_to_a_file() {
  expect_status 1 "$BALLAST" run -j1 --joblog log --halt now,success=2 -o out 'echo {}' ::: a b c d 2>err
  expect_equal "$(tr '\n' , <out)" 'a,b,'
  expect_status 0 "$BALLAST" run -j1 --joblog log --resume -o out 'echo {}' ::: a b c d
  expect_equal "$(tr '\n' , <out)" 'a,b,c,d,'
  # Where there is nothing to go on with, a run begins, and its file, too.
  expect_status 0 "$BALLAST" run -j1 --joblog other --resume -o out 'echo {}' ::: e
  expect_equal "$(tr '\n' , <out)" 'e,'
}

test_shuffled_tasks_are_resumed_only_in_the_same_order() {
  local shuffled=(run -u -j1 --shuffle --joblog log)
  expect_status 1 "$BALLAST" "${shuffled[@]}" --halt now,success=2 'echo {}' ::: a b c d >out 2>err
  expect_status 2 "$BALLAST" "${shuffled[@]}" --resume 'echo {}' ::: a b c d e >again 2>err
  expect_only_message err 'in another order .*--seed'
  expect_empty again
  expect_status 0 "$BALLAST" "${shuffled[@]}" --resume 'echo {}' ::: a b c d >>out
  expect_equal "$(sort out | tr '\n' ,)" 'a,b,c,d,'
}

test_paths_are_those_of_the_caller_whatever_the_working_directory_of_the_jobs() {
  mkdir sub
  echo text >in.txt
  "$BALLAST" run --workdir sub -o out 'pwd; echo {}' ::: a || fail 'failed'
  expect_equal "$(<out)" "$PWD/sub"$'\na'
  "$BALLAST" map in.txt --workdir sub -o mapped -- sh -c 'pwd; cat' || fail 'failed'
  expect_equal "$(<mapped)" "$PWD/sub"$'\ntext'
  "$BALLAST" run --workdir sub --output-dir outs 'echo {}' ::: a || fail 'failed'
  expect_equal "$(<outs/1/stdout)" a
  expect_status 3 "$BALLAST" map in.txt --workdir sub -o never -- ./no-such-program 2>err
  expect_absent never never.partial
  expect_equal "$(ls -A sub)" ''
}

test_two_runs_do_not_write_one_job_log() {
  printf 'echo x >>tried\nuntil test -e finish; do sleep 0.05; done\n' >tasks
  "$BALLAST" run -j1 tasks --joblog log &
  local run=$!
  wait_for 10 lines_in log 2
  expect_status 2 "$BALLAST" run tasks --joblog log --resume 2>err
  expect_only_message err 'job log log is in use'
  expect_status 2 "$BALLAST" run tasks --joblog log 2>err
  touch finish
  expect_within 5 0 "$run"
  expect_equal "$(tail -n +2 log | cut -f 1,7 | tr '\t\n' ', ')" '1,0 2,0 '
  expect_equal "$(wc -l <tried)" 1
}

lines_in() {
  [[ -f $1 && $(wc -l <"$1") -ge $2 ]]
}

test_what_makes_no_sense_is_told_before_anything_runs() {
  local arguments
  while read -r arguments; do
    # shellcheck disable=SC2086  # they are words
    expect_status 2 "$BALLAST" run $arguments >out 2>err </dev/null
    expect_only_message err 'ballast: .*;'
  done <<'CASES'
a b c
echo -- echo ::: x
echo {7} ::: a
echo :::+ a
--resume tasks
--link tasks
echo {%} ::: a
-o same --joblog same echo ::: a
CASES
  expect_status 3 "$BALLAST" run tasks --learn-from missing 2>err
  expect_status 2 "$BALLAST" run 'gzip {}' 2>err
  expect_only_message err ':::'
  expect_status 3 "$BALLAST" run missing >out 2>err
  expect_only_message err 'missing'
  expect_status 3 "$BALLAST" run --shell /no/shell 'echo {}' ::: a >out 2>err
  expect_message err '/no/shell'
}

run_tests "$@"
