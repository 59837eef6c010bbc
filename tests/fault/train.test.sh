#!/usr/bin/env bash
# Training: the same model whatever the ranks, the policy and the failures; and what is refused, and why.
source "$(dirname "${BASH_SOURCE[0]}")/scene.bash"

# rows_of_classes ROWS: two features and a class, 0 to 2, each class around a corner of its own.
rows_of_classes() {
  awk -v rows="$1" 'BEGIN {
    srand(7)
    for (row = 0; row < rows; ++row) {
      class = int(rand() * 3)
      printf "%.3f,%.3f,%d\n", (class == 1) * 4 + rand() * 2, (class == 2) * 4 + rand() * 2, class
    }
  }'
}

# What trains on the small scene; 301 rows, so that shards differ in size.
train=(train --csv rows.csv --test-every 5 --hidden 8)
quick=("${train[@]}" --rounds 4 --learning-rate 0.02)
thorough=("${train[@]}" --rounds 10 --local-epochs 8 --learning-rate 0.02)

small_scene() {
  rows_of_classes 301 >rows.csv
}

# numbers FILE: the table without its times.
numbers() {
  cut -f 1-3 "$1"
}

test_the_model_is_the_same_bytes_at_any_number_of_ranks_and_with_any_policy() {
  small_scene
  local count
  for count in 1 2 4; do
    ranks "$count" "${quick[@]}" --save "$count.npz" >"$count.tsv" 2>err || fail "failed at $count ranks" "$(<err)"
    expect_same "$count.npz" 1.npz
    expect_equal "$(numbers "$count.tsv")" "$(numbers 1.tsv)"
  done
  ranks 3 "${quick[@]}" --policy cyclic --solvers 0 --save cyclic.npz >out || fail 'failed with cyclic'
  expect_same cyclic.npz 1.npz
  "$BALLAST" "${quick[@]}" --seed 1 --save other.npz >out || fail 'failed with another seed'
  ! cmp -s other.npz 1.npz || fail 'another seed makes the same model'
}

test_a_table_has_a_line_for_each_round_and_what_can_be_told_apart_is() {
  small_scene
  "$BALLAST" "${thorough[@]}" >table 2>err || fail "exit status $?" "$(<err)"
  expect_empty err
  expect_equal "$(head -n 1 table)" $'round\tloss\taccuracy\tseconds'
  expect_equal "$(cut -f 1 table | tr '\n' ' ')" 'round 1 2 3 4 5 6 7 8 9 10 '
  awk -F '\t' 'END { exit !($3 > 0.95 && $2 < 0.3) }' table || fail "$(<table)"
  "$BALLAST" train --csv rows.csv --rounds 1 >table || fail "exit status $?"
  expect_equal "$(sed -n 2p table | cut -f 3)" nan
}

test_labels_are_given_back_by_predict_in_the_order_of_the_rows() {
  small_scene
  ranks 2 "${thorough[@]}" --save model.npz >out || fail 'failed to train'
  cut -d , -f 3 rows.csv >expected
  local count
  for count in 1 3; do
    ranks "$count" predict --load model.npz --csv rows.csv --batch 17 -o "$count.txt" 2>err || fail "$(<err)"
    expect_same "$count.txt" 1.txt
  done
  expect_equal "$(wc -l <1.txt)" 301
  expect_equal "$(paste 1.txt expected | awk '$1 == $2 { ++n } END { print (n > 290) }')" 1
  cut -d , -f 1,2 rows.csv >bare.csv
  "$BALLAST" predict --load model.npz --csv bare.csv >bare.txt || fail 'failed without labels'
  expect_same bare.txt 1.txt
}

test_a_model_is_gone_on_with() {
  small_scene
  "$BALLAST" "${thorough[@]}" --save model.npz >first || fail 'failed to train'
  "$BALLAST" "${train[@]}" --rounds 1 --load model.npz >second || fail 'failed to go on'
  paste <(tail -n 1 first) <(tail -n 1 second) | awk -F '\t' '{ exit !($6 < 1.1 * $2) }' || fail "$(<first)" "$(<second)"
  expect_status 2 "$BALLAST" train --csv rows.csv --hidden 9 --load model.npz >out 2>err
  expect_only_message err '--hidden 9 contradicts model\.npz'
}

test_uniform_and_sample_weighted_averages_differ_where_shards_do() {
  small_scene
  "$BALLAST" "${quick[@]}" --shards 7 --save samples.npz >out || fail 'failed'
  "$BALLAST" "${quick[@]}" --shards 7 --average uniform --save uniform.npz >out || fail 'failed with uniform'
  ! cmp -s samples.npz uniform.npz || fail 'both averages are the same'
}

test_summed_gradients_of_four_shards_train_as_those_of_one() {
  small_scene
  local shards
  for shards in 1 4; do
    ranks 2 "${train[@]}" --sync gradient --rounds 20 --learning-rate 0.1 --shards "$shards" >"$shards.tsv" ||
      fail "failed with $shards"
    cut -f 1,3 "$shards.tsv" >"$shards.accuracy"
  done
  expect_same 4.accuracy 1.accuracy
  paste <(tail -n 1 1.tsv) <(tail -n 1 4.tsv) | awk -F '\t' '{ exit !(($2 - $6) ^ 2 < 1e-8) }' || fail "$(<4.tsv)"
}

# Four shards of 75 rows, a row of which is the test of the same training with --csv.
shard_scene() {
  rows_of_classes 300 >rows.csv
  split -l 75 -d rows.csv shard-
  head -n 100 rows.csv >test.csv
  learn=(--test-csv test.csv --hidden 8 --rounds 4 --learning-rate 0.02)
  owned=(train --shard-files shard-00 shard-01 shard-02 shard-03 "${learn[@]}")
}

test_shards_that_stay_with_their_nodes_make_the_model_of_the_rows_together() {
  shard_scene
  local sync count
  for sync in model gradient; do
    "$BALLAST" train --csv rows.csv "${learn[@]}" --sync "$sync" --save expected.npz >expected || fail "failed with $sync"
    for count in 1 3; do
      ranks "$count" "${owned[@]}" --sync "$sync" --save model.npz >table 2>err || fail "failed at $count" "$(<err)"
      expect_same model.npz expected.npz
      expect_equal "$(numbers table)" "$(numbers expected)"
    done
  done
}

test_a_node_reads_its_shards_when_a_training_begins_and_never_again() {
  shard_scene
  local long=("${owned[@]}" --local-epochs 100)
  "$BALLAST" "${long[@]}" --save expected.npz >out || fail 'failed undisturbed'
  "$BALLAST" "${long[@]}" --solvers 2 --save model.npz >table 2>err &
  local run=$!
  wait_for 20 grep -q '^1' table
  rm shard-0?
  expect_within 40 0 "$run"
  expect_same model.npz expected.npz
}

# Each of three nodes has read its shards by then; a file that is gone can be had from nobody else.
test_a_lost_node_takes_only_its_own_shards_with_it() {
  shard_scene
  local long=("${owned[@]}" --local-epochs 400)
  "$BALLAST" "${long[@]}" --save expected.npz >out || fail 'failed undisturbed'
  "$BALLAST" launch -n 3 -- "${long[@]}" --lease 1s --save model.npz >table 2>err &
  local run=$!
  wait_for 20 grep -q '^1' table
  rm shard-01 shard-02 # of ranks 2 and 3; rank 1 has shards 0 and 3
  kill -KILL "$(rank_process 1)"
  expect_within 40 0 "$run"
  expect_same model.npz expected.npz
}

test_a_shard_that_is_not_there_or_does_not_fit_is_named_with_the_rank_that_looked() {
  shard_scene
  mv shard-02 elsewhere
  expect_status 3 ranks 2 "${owned[@]}" --run-dir kept >out 2>err
  expect_message err 'shard 2: rank 1 cannot open shard-02 \(No such file'
  expect_empty out
  expect_absent kept/round-000
  cut -d , -f 2- elsewhere >shard-02
  expect_status 3 "$BALLAST" "${owned[@]}" >out 2>err
  expect_only_message err 'shard 2 has 1 features, shard 0 has 2'
  mv elsewhere shard-02
  "$BALLAST" "${owned[@]}" --run-dir kept >out 2>err || fail 'failed with all shards' "$(<err)"
  sed -i '1s/^/1/' shard-02
  expect_status 2 "$BALLAST" "${owned[@]}" --run-dir kept --resume >out 2>err
  expect_only_message err 'kept belongs to another training'
}

test_what_a_round_was_made_of_goes_when_its_model_is_kept_and_its_cost_is_told() {
  small_scene
  ranks 3 "${quick[@]}" --run-dir kept >table 2>err || fail "exit status $?" "$(<err)"
  expect_equal "$(cd kept && echo ./*)" './model-001 ./model-002 ./model-003 ./model-004 ./rounds.tsv ./training'
  expect_equal "$(cut -f 1-4 kept/rounds.tsv)" "$(<table)"
  # The rows, 240 of 3 numbers, travel to each of two nodes once, and so does the state in every round.
  awk -F '\t' 'NR == 2 { first = $5 } NR == 3 { exit !(first - $5 > 2 * 240 * 3 * 4 && $6 > 4 * 51 * 3 * 4) }' kept/rounds.tsv ||
    fail "$(<kept/rounds.tsv)"
  expect_message err '4 rounds: the Main Node sent 0\.0[0-9] MB, '
  ranks 3 "${quick[@]}" --run-dir both --record both >table 2>err || fail "exit status $?" "$(<err)"
  expect_present both/round-001/decisions
}

has_model() {
  [[ -s kept/model-$1 ]]
}

test_a_training_that_was_killed_is_resumed_and_makes_the_same_model() {
  rows_of_classes 3001 >rows.csv
  local long=("${train[@]}" --rounds 12 --local-epochs 4)
  "$BALLAST" "${long[@]}" --save expected.npz >expected.tsv || fail 'failed undisturbed'
  start_ranks 3 "${long[@]}" --save model.npz --run-dir kept >killed.tsv 2>err
  local run=$!
  wait_for 20 has_model 003
  kill -KILL "$run"
  wait "$run"
  wait_for 10 no_rank_lives
  clear_after_mpirun
  expect_absent model.npz
  expect_status 2 "$BALLAST" "${long[@]}" --run-dir kept >out 2>err
  expect_only_message err 'kept has been used'
  expect_status 2 "$BALLAST" "${long[@]}" --batch 33 --run-dir kept --resume >out 2>err
  expect_only_message err 'kept belongs to another training'
  ranks 2 "${long[@]}" --save model.npz --run-dir kept --resume >resumed.tsv 2>err || fail "exit status $?" "$(<err)"
  expect_same model.npz expected.npz
  expect_contains err '^ballast: [0-9]+ rounds of kept are done'
  expect_equal "$(numbers resumed.tsv | tail -n 1)" "$(numbers expected.tsv | tail -n 1)"
  [[ $(wc -l <resumed.tsv) -lt 11 ]] || fail 'rounds were trained again' "$(<resumed.tsv)"
  rm kept/model-012 model.npz
  "$BALLAST" "${long[@]}" --save model.npz --run-dir kept --resume >out 2>err || fail "exit status $?" "$(<err)"
  expect_same model.npz expected.npz
  "$BALLAST" "${long[@]}" --save again.npz --run-dir kept --resume >out 2>err || fail "exit status $?" "$(<err)"
  expect_same again.npz expected.npz
  printf x >>kept/model-012
  expect_status 3 "$BALLAST" "${long[@]}" --run-dir kept --resume >out 2>err
  expect_only_message err 'kept/model-012 is damaged'
}

test_a_node_that_is_lost_in_a_round_costs_nothing_but_time() {
  rows_of_classes 3001 >rows.csv
  local long=("${train[@]}" --rounds 12 --local-epochs 20)
  "$BALLAST" "${long[@]}" --save expected.npz >out || fail 'failed undisturbed'
  "$BALLAST" launch -n 2 -- "${long[@]}" --lease 1s --save model.npz --record kept >table 2>err &
  local run=$!
  wait_for 20 grep -q '^2' table
  kill -KILL "$(rank_process 2)"
  expect_within 40 0 "$run"
  expect_same model.npz expected.npz
  expect_present kept/round-012/*
}

test_a_training_that_diverges_or_loses_a_shard_ends_with_4_and_what_to_do() {
  small_scene
  expect_status 4 ranks 2 "${train[@]}" --learning-rate 1e38 --save model.npz >out 2>err
  expect_message err 'has diverged .*lower --learning-rate'
  expect_status 4 "$BALLAST" "${quick[@]}" --timeout 1us --retries 0 --save model.npz >out 2>err
  expect_contains err 'round 1 has no model \(4 of 4 shards were given up\)'
  expect_absent model.npz
}

# What takes the place of a pipe would take that of a device, too: those are not tried.
test_a_model_goes_into_a_pipe_and_behind_a_link_and_takes_the_place_of_neither() {
  small_scene
  "$BALLAST" "${quick[@]}" --save expected.npz >out || fail 'failed'
  mkdir folder
  echo old >folder/target.npz
  ln -s folder/target.npz link.npz
  ranks 2 "${quick[@]}" --save link.npz >out 2>err || fail 'failed with a link' "$(<err)"
  [[ -L link.npz ]] || fail 'the link is gone'
  expect_same folder/target.npz expected.npz
  expect_equal "$(ls folder)" target.npz
  mkfifo pipe.npz
  timeout 20 cat pipe.npz >read.npz &
  local reader=$!
  "$BALLAST" "${quick[@]}" --save pipe.npz >out 2>err || fail 'failed with a pipe' "$(<err)"
  wait "$reader" || fail 'nothing came through the pipe'
  [[ -p pipe.npz ]] || fail 'the pipe is gone'
  expect_same read.npz expected.npz
}

test_a_training_that_ends_without_a_model_leaves_the_old_one_and_nothing_beside_it() {
  small_scene
  echo old >model.npz
  expect_status 4 "$BALLAST" "${train[@]}" --learning-rate 1e38 --save model.npz >out 2>err
  "$BALLAST" "${train[@]}" --rounds 100000 --save model.npz >out 2>err &
  local run=$!
  wait_for 20 grep -q '^1' out
  kill -TERM "$run"
  expect_within 20 143 "$run"
  expect_equal "$(<model.npz)" old
  expect_absent model.npz.partial
}

test_what_makes_no_sense_is_refused_in_one_line() {
  small_scene
  expect_status 2 ranks 2 "${quick[@]}" --shards 400 >out 2>err
  expect_message err '240 rows do not make 400 shards'
  expect_empty out
  expect_status 2 "$BALLAST" "${quick[@]}" --shard-files rows.csv >out 2>err
  expect_only_message err 'there are two datasets'
  expect_status 2 "$BALLAST" train --test-every 5 --shard-files rows.csv >out 2>err
  expect_only_message err 'the shards stay with their nodes'
  expect_status 2 "$BALLAST" train --shards 2 --shard-files rows.csv >out 2>err
  expect_only_message err '1 files do not make 2 shards'
  expect_status 2 "$BALLAST" "${quick[@]}" --halt soon,done=2 >out 2>err
  expect_only_message err 'a round needs all its shards'
  expect_status 2 "$BALLAST" train >out 2>err
  expect_only_message err 'there is nothing to train with'
  expect_status 2 "$BALLAST" "${quick[@]}" --images x >out 2>err
  local option count
  for option in --rounds --hidden --shards --batch --local-epochs --local-steps --test-every --label-column; do
    for count in 0 -1 1e3; do
      expect_status 2 "$BALLAST" train --csv rows.csv "$option" "$count" >out 2>err
      expect_only_message err "$option: $count is no whole number of 1 or more; [^;]*$"
    done
  done
  expect_status 2 "$BALLAST" "${quick[@]}" -- foo >out 2>err
  expect_only_message err 'train runs no command'
  expect_status 2 "$BALLAST" "${train[@]}" --learning-rate 0 >out 2>err
  expect_status 2 "$BALLAST" "${quick[@]}" --label-column 4 >out 2>err
  expect_only_message err 'no label column 4'
  expect_status 3 ranks 2 train --csv absent.csv >out 2>err
  expect_message err 'absent\.csv'
  mkdir folder
  local place
  for place in absent/model.npz folder; do
    expect_status 3 "$BALLAST" "${quick[@]}" --save "$place" >out 2>err
    expect_only_message err "cannot write $place .*choose another output"
    expect_empty out
  done
  sed -i '43s/^[^,]*/nan/' rows.csv
  expect_status 3 ranks 2 "${quick[@]}" >out 2>err
  expect_message err 'line 43, column 1'
  expect_status 3 ranks 2 predict --load absent.npz --csv rows.csv >out 2>err
  expect_message err 'absent\.npz'
  expect_status 2 "$BALLAST" predict --load absent.npz >out 2>err
  expect_only_message err 'there is nothing to predict'
  expect_status 2 "$BALLAST" predict --load absent.npz --csv rows.csv --batch 0 >out 2>err
  expect_only_message err '--batch: 0 is no whole number of 1 or more; [^;]*$'
  expect_status 2 ranks 2 predict --load absent.npz --csv rows.csv -- foo >out 2>err
  expect_message err 'predict runs no command'
}

run_tests "$@"
