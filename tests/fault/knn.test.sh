#!/usr/bin/env bash
# Nearest neighbours: the same bytes whatever the ranks, the batches and the failures; and what is refused, and why.
source "$(dirname "${BASH_SOURCE[0]}")/scene.bash"

data=${BALLAST_DATA:-$(dirname "$(realpath "${BASH_SOURCE[0]}")")/../../../shared/data}/ann

# vectors SEED ROWS DIMENSION: small whole numbers, so that there are ties; one row a line.
vectors() {
  awk -v seed="$1" -v rows="$2" -v dimension="$3" 'BEGIN {
    srand(seed)
    for (row = 0; row < rows; ++row)
      for (i = 1; i <= dimension; ++i) printf "%d%s", int(rand() * 20), i < dimension ? "\t" : "\n"
  }'
}

# small_scene [QUERIES]: base.tsv with 2000 vectors, queries.tsv.
small_scene() {
  vectors 1 2000 16 >base.tsv
  vectors 2 "${1:-100}" 16 >queries.tsv
}

# What searches the small scene.
search=(knn --base base.tsv --queries queries.tsv -k 5)

# value NAME FILE: of a `name<TAB>value` line.
value() {
  awk -F '\t' -v name="$1" '$1 == name { print $2 }' "$2"
}

# by_hand K: the true ids, by another program.
by_hand() {
  awk -v k="$1" '
    NR == FNR { base[rows++] = $0; next }
    {
      split($0, query)
      for (row = 0; row < rows; ++row) {
        split(base[row], vector)
        sum = 0
        for (i in query) sum += (query[i] - vector[i]) ^ 2
        distance[row] = sum
      }
      for (place = 1; place <= k; ++place) {
        best = -1
        for (row = 0; row < rows; ++row)
          if (distance[row] >= 0 && (best < 0 || distance[row] < distance[best])) best = row
        printf "%d%s", best, place < k ? "\t" : "\n"
        distance[best] = -1
      }
    }' base.tsv queries.tsv
}

test_exact_neighbours_are_the_true_ones_and_the_same_bytes_at_any_number_of_ranks() {
  small_scene 20
  by_hand 5 >expected.tsv
  local count
  for count in 1 2 4; do
    ranks "$count" "${search[@]}" -o "$count.tsv" --distances "$count.fvecs" --batch "$((2 * count + 1))" >out 2>err ||
      fail "failed at $count ranks" "$(<err)"
    expect_same "$count.tsv" expected.tsv
    expect_same "$count.fvecs" 1.fvecs
  done
  ranks 3 "${search[@]}" -o inside.tsv --solvers 0 >out || fail 'failed inside the rank'
  expect_same inside.tsv expected.tsv
}

test_solvers_that_are_killed_change_nothing() {
  small_scene 3000
  "$BALLAST" "${search[@]}" -o expected.ivecs >out || fail 'failed undisturbed'
  ranks 3 "${search[@]}" -o ids.ivecs --batch 1 --solvers 2 --retries 20 >out 2>err &
  local run=$! killed=0 solver
  while ! has_ended "$run" && [[ $killed -lt 8 ]]; do
    solver=$(processes_named ballast-solver | shuf -n 1)
    if [[ -n $solver ]] && kill -KILL "$solver" 2>/dev/null; then killed=$((killed + 1)); fi
    sleep 0.02
  done
  wait "$run" || fail "exit status $?" "$(<err)"
  [[ $killed -gt 0 ]] || fail 'no solver was killed'
  expect_same ids.ivecs expected.ivecs
}

has_solvers() {
  [[ $(processes_named ballast-solver | wc -l) -ge $1 ]]
}

# Rank 3 has no job of the two, and hangs while the others work: the end of the first search waits a lease for its
# goodbye, in which the others are silent, too; the next search begins with those, and without it.
test_a_node_that_is_lost_in_one_search_of_a_sweep_is_not_waited_for_in_the_next() {
  small_scene 3000
  "$BALLAST" "${search[@]}" --index hnsw --save-index kept >out || fail 'failed undisturbed'
  "$BALLAST" launch -n 3 -- "${search[@]}" --index hnsw --load-index kept --sweep ef=1999,50,51 --batch 1500 \
    --policy static --speculate off --lease 4s --verbose >table 2>err &
  local run=$!
  wait_for 20 has_solvers 3
  sleep 0.2
  kill -STOP "$(rank_process 3)"
  expect_within 40 0 "$run"
  expect_equal "$(cut -f 1 table | tr '\n' ' ')" 'ef 1999 50 51 '
  expect_equal "$(grep -c 'rank [12] on .* cpus allowed' err)" 6 "$(<err)"
  expect_equal "$(grep -c 'rank 3 on .* cpus allowed' err)" 1 "$(<err)"
}

test_shards_find_the_same_bytes_as_the_whole_however_many_there_are_and_whoever_has_them() {
  small_scene
  "$BALLAST" "${search[@]}" -o expected.tsv --distances expected.fvecs >out || fail 'failed undisturbed'
  local choice
  for choice in '1 --shards 3' '2 --batch 7' '4 --shards 2' '4 --shards 5 --replicas 2 --policy static' '3 --shards 100'; do
    # shellcheck disable=SC2086  # a number of ranks and words of the command line
    ranks ${choice%% *} "${search[@]}" --layout shard ${choice#* } -o ids.tsv --distances d.fvecs >out 2>err ||
      fail "failed: $choice" "$(<err)"
    expect_same ids.tsv expected.tsv
    expect_same d.fvecs expected.fvecs
  done
}

test_graphs_of_shards_are_kept_and_loaded_with_as_many_shards_as_there_were() {
  small_scene
  "$BALLAST" "${search[@]}" -o truth.ivecs >out || fail 'failed'
  ranks 4 "${search[@]}" --layout shard --index hnsw --truth truth.ivecs --save-index kept -o built.tsv >out ||
    fail 'hnsw failed'
  awk -v recall="$(value recall out)" 'BEGIN { exit !(recall >= 0.95 && recall <= 1) }' || fail "$(<out)"
  expect_equal "$(ls kept)" $'graph-1-of-3.hnsw\ngraph-2-of-3.hnsw\ngraph-3-of-3.hnsw'
  ranks 2 "${search[@]}" --layout shard --index hnsw --load-index kept -o loaded.tsv >out || fail 'failed with the kept'
  expect_same loaded.tsv built.tsv
  mv kept/graph-2-of-3.hnsw kept/x && cp kept/graph-1-of-3.hnsw kept/graph-2-of-3.hnsw
  expect_status 2 "$BALLAST" "${search[@]}" --layout shard --index hnsw --load-index kept >out 2>err
  expect_only_message err 'graph-2-of-3.hnsw is no index of base\.tsv'
}

# Node 1 has shard 1, node 2 shard 2 …: nobody else has what the lost one had.
test_the_shard_of_a_lost_node_is_searched_by_another_one() {
  vectors 1 8000 32 >base.tsv
  vectors 2 4000 32 >queries.tsv
  "$BALLAST" "${search[@]}" -o expected.ivecs >out || fail 'failed undisturbed'
  local owners
  for owners in 1 2; do
    "$BALLAST" launch -n 3 -- "${search[@]}" --layout shard --replicas "$owners" --batch 1 -o ids.ivecs --lease 1s \
      --verbose >out 2>err &
    local run=$! main
    wait_for 20 rank_process 0 >main
    main=$(head -n 1 main)
    wait_for 20 has_solvers 3
    kill -STOP "$main"  # it could end meanwhile
    kill -KILL "$(rank_process 2)"
    kill -CONT "$main"
    expect_within 40 0 "$run"
    grep -q 'has said nothing for' err || fail 'it ended before it was killed' "$(<err)"
    expect_same ids.ivecs expected.ivecs
    # With one owner, another node begins anew.
    expect_equal "$(grep -c 'cpus allowed' err)" "$((owners == 1 ? 4 : 3))" "$(<err)"
  done
}

# random_base FILE ROWS: .npy with rows of 128 bytes.
random_base() {
  printf '\x93NUMPY\x01\x00\x76\x00%-117s\n' "{'descr': '|u1', 'fortran_order': False, 'shape': ($2, 128), }" >"$1"
  head -c "$(($2 * 128))" /dev/urandom >>"$1"
}

# slow_down PROCESS SECONDS: it gets some milliseconds of every quarter of a second.
slow_down() {
  local end=$(($(milliseconds) + $2 * 1000))
  while [[ $(milliseconds) -lt $end ]] && kill -STOP "$1" 2>/dev/null; do
    sleep 0.25
    kill -CONT "$1"
    sleep 0.005
  done
}

start_sharded_search() {
  random_base base.npy 60000
  random_base queries.npy 400
  "$BALLAST" knn --base base.npy --queries queries.npy -k 5 -o expected.ivecs >out || fail 'failed undisturbed'
  "$BALLAST" launch -n "$1" -- knn --base base.npy --queries queries.npy -k 5 -o ids.ivecs --layout shard --batch 1 \
    --lease 1s --verbose >out 2>err &
}

test_a_node_that_is_slow_to_take_over_a_shard_is_not_taken_for_lost() {
  start_sharded_search 2
  local run=$! heir
  wait_for 20 has_solvers 2
  heir=$(rank_process 2)
  kill -KILL "$(rank_process 1)"
  wait_for 10 grep -q 'rank 1 on .* has said nothing' err
  slow_down "$heir" 5 &
  expect_within 60 0 "$run"
  expect_same ids.ivecs expected.ivecs
  expect_equal "$(grep -c 'has said nothing' err)" 1 "$(<err)"
}

test_nodes_that_die_one_after_the_other_leave_no_shard_to_the_dead_for_long() {
  start_sharded_search 3
  local run=$! began
  wait_for 20 has_solvers 3
  began=$(milliseconds)
  kill -KILL "$(rank_process 1)"
  sleep 0.3
  kill -KILL "$(rank_process 2)"
  expect_within 60 0 "$run"
  expect_same ids.ivecs expected.ivecs
  expect_equal "$(grep -c 'has said nothing' err)" 2 "$(<err)"
  grep -q 'rank 3 .* cpus allowed' err || fail 'it ended before they were killed'
  [[ $(($(milliseconds) - began)) -lt 6000 ]] || fail "it took $(($(milliseconds) - began)) ms, with a lease of 1 s"
}

test_a_batch_that_is_given_up_leaves_its_rows_empty_and_the_others_in_place() {
  small_scene 3000
  "$BALLAST" "${search[@]}" -o expected.tsv >out || fail 'failed undisturbed'
  expect_status 1 "$BALLAST" "${search[@]}" -o ids.tsv --batch 1000 --retries 0 --timeout 1us >out 2>err
  expect_equal "$(wc -l <ids.tsv)" 3000
  expect_equal "$(sort -u ids.tsv)" $'-1\t-1\t-1\t-1\t-1'
}

test_a_search_that_was_killed_is_resumed_and_finds_the_same() {
  small_scene 3000
  "$BALLAST" "${search[@]}" --batch 5 -o expected.npy >out || fail 'failed undisturbed'
  "$BALLAST" "${search[@]}" --batch 5 -o ids.npy --run-dir kept >out 2>err &
  local run=$!
  wait_for 20 test -s kept/journal
  kill -KILL "$run"
  wait "$run"
  "$BALLAST" "${search[@]}" --batch 5 -o ids.npy --run-dir kept --resume >out 2>err || fail "exit status $?" "$(<err)"
  expect_same ids.npy expected.npy
  expect_status 2 "$BALLAST" "${search[@]}" --batch 6 -o ids.npy --run-dir kept --resume >out 2>err
}

test_the_truth_is_a_recall_of_1() {
  small_scene
  "$BALLAST" "${search[@]}" -o truth.ivecs >out || fail 'failed'
  [[ -z $(value recall out) ]] || fail 'a recall without a truth'
  local by
  for by in distance ids; do
    ranks 2 "${search[@]}" --truth truth.ivecs --recall "$by" >out || fail 'failed with truth'
    expect_equal "$(value recall out)" 1
  done
  expect_equal "$(cut -f 1 out | tr '\n' ' ')" 'queries_per_second recall p50 p95 p99 '
  tac queries.tsv >reversed.tsv
  "$BALLAST" knn --base base.tsv --queries reversed.tsv -k 5 --truth truth.ivecs --recall ids >out
  awk -v recall="$(value recall out)" 'BEGIN { exit !(recall < 0.1) }' || fail "a recall of $(value recall out)"
}

test_a_graph_finds_nearly_all_is_kept_and_is_the_same_again() {
  small_scene
  "$BALLAST" "${search[@]}" -o truth.ivecs >out || fail 'failed'
  ranks 3 "${search[@]}" --index hnsw --truth truth.ivecs --save-index kept -o built.tsv >out || fail 'hnsw failed'
  awk -v recall="$(value recall out)" 'BEGIN { exit !(recall >= 0.95 && recall <= 1) }' || fail "$(<out)"
  [[ -n $(value build_seconds out) ]] || fail 'no build_seconds' "$(<out)"
  ranks 2 "${search[@]}" --index hnsw --load-index kept -o loaded.tsv >out || fail 'failed with the index that was kept'
  expect_same loaded.tsv built.tsv
  [[ -z $(value build_seconds out) ]] || fail 'what is loaded was not built' "$(<out)"
  vectors 3 1999 16 >base.tsv
  expect_status 2 "$BALLAST" "${search[@]}" --index hnsw --load-index kept >out 2>err
  expect_only_message err 'is no index of base\.tsv'
  truncate -s -1 kept/graph.hnsw
  expect_status 3 "$BALLAST" "${search[@]}" --index hnsw --load-index kept >out 2>err
}

# refused_index CHOICE…: of --index hnsw; what is in base.tsv has not the vectors of the graphs in the folder.
refused_index() {
  expect_status 2 "$BALLAST" "${search[@]}" --index hnsw --load-index kept "$@" -o ids.tsv >out 2>err
  expect_only_message err 'kept/graph.* is no index of base\.tsv \(its vectors are others, .*give the base it was made of'
  expect_empty out
  expect_absent ids.tsv
}

test_a_graph_of_another_base_of_the_same_shape_is_refused() {
  small_scene
  mv base.tsv right.tsv
  local metric choice
  for choice in '' '--layout shard --shards 3'; do
    for metric in l2 cosine; do
      cp right.tsv base.tsv
      # shellcheck disable=SC2086  # words of the command line
      "$BALLAST" "${search[@]}" --index hnsw --metric "$metric" $choice --save-index kept >out || fail "failed: $choice"
      tac right.tsv >base.tsv
      # shellcheck disable=SC2086
      refused_index --metric "$metric" $choice
      sed '$s/[0-9]*$/99/' right.tsv >base.tsv  # one component of the last vector
      # shellcheck disable=SC2086
      refused_index --metric "$metric" $choice
    done
  done
  expect_status 2 ranks 2 "${search[@]}" --layout shard --shards 3 --index hnsw --metric cosine --load-index kept >out 2>err
  expect_message err 'kept/graph-3-of-3\.hnsw is no index of base\.tsv'
}

test_a_sweep_is_a_table_in_which_more_candidates_find_more() {
  small_scene
  "$BALLAST" "${search[@]}" -o truth.ivecs >out || fail 'failed'
  ranks 3 "${search[@]}" --index hnsw --m 4 --sweep ef=5,40,400 --truth truth.ivecs >table || fail 'failed'
  expect_equal "$(head -n 1 table)" $'ef\trecall\tqueries_per_second'
  expect_equal "$(cut -f 1 table | tr '\n' ' ')" 'ef 5 40 400 '
  awk -F '\t' 'NR > 1 { if ($2 + 0 < last + 0 || $3 <= 0) exit 1; last = $2 } NR == 2 { first = $2 }
               END { exit !(last > first) }' table || fail "$(<table)"
  expect_status 2 "$BALLAST" "${search[@]}" --index hnsw --sweep ef=5,, >out 2>err
  expect_status 2 "$BALLAST" "${search[@]}" --index hnsw --sweep ef=5 -o x.tsv >out 2>err
}

test_a_sweep_says_so_when_it_is_ended_between_its_searches_too() {
  small_scene 20
  local attempt run
  for attempt in 1 2 3 4 5 6; do
    "$BALLAST" "${search[@]}" --index hnsw --m 4 --sweep "ef=$(seq -s , 5 2000)" -j 1 >table 2>err &
    run=$!
    sleep "0.5$attempt"
    kill -TERM "$run"
    expect_within 10 143 "$run"
    expect_only_message err 'ended by SIGTERM'
  done
  expect_empty table
}

test_the_time_limit_of_a_sweep_is_that_of_its_searches_together() {
  small_scene 20
  "$BALLAST" "${search[@]}" --index hnsw --m 4 --sweep "ef=$(seq -s , 5 1000)" --grace 0s --time-limit 1s >table 2>err &
  expect_within 5 143 $!
  expect_only_message err 'ended by its time limit'
  expect_empty table
}

test_the_picture_of_a_sweep_is_whole_or_absent() {
  small_scene
  "$BALLAST" "${search[@]}" -o truth.ivecs >out || fail 'failed'
  local sweep=("${search[@]}" --index hnsw --sweep 'ef=5,40')
  ranks 3 "${sweep[@]}" --truth truth.ivecs --plot curve.svg >table || fail 'failed'
  expect_equal "$(cut -f 1 table | tr '\n' ' ')" 'ef 5 40 '
  expect_equal "$(grep -c '<circle' curve.svg) $(tail -n 1 curve.svg)" '2 </svg>'
  expect_status 2 "$BALLAST" "${search[@]}" --index hnsw --plot x.svg >out 2>err
  expect_only_message err 'there is nothing to plot'
  expect_status 2 ranks 2 "${sweep[@]}" --plot x.svg >out 2>err
  expect_message err 'there is no recall to plot'
  expect_status 3 ranks 2 "${sweep[@]}" --truth truth.ivecs --plot absent/x.svg >out 2>err
  expect_message err 'cannot write absent/x\.svg'
  expect_status 3 "$BALLAST" "${sweep[@]}" --truth truth.ivecs --plot /dev/full >out 2>err
  expect_only_message err 'cannot write /dev/full'
  expect_absent x.svg x.svg.partial curve.svg.partial
}

test_json_is_json() {
  small_scene
  "$BALLAST" "${search[@]}" -o truth.ivecs --json >out || fail 'failed'
  "$BALLAST" "${search[@]}" --index hnsw --truth truth.ivecs --json >>out || fail 'hnsw failed'
  "$BALLAST" "${search[@]}" --index hnsw --truth truth.ivecs --json --sweep ef=5,10 >>out || fail 'sweep failed'
  expect_equal "$(wc -l <out)" 3
  local number='[0-9.e+-]+'
  local times="\"p50\":$number,\"p95\":$number,\"p99\":$number"
  sed -n 1p out | grep -Eqx "\{\"queries_per_second\":$number,$times\}" || fail "$(<out)"
  sed -n 2p out | grep -Eqx "\{\"queries_per_second\":$number,\"recall\":$number,\"build_seconds\":$number,$times\}" ||
    fail "$(<out)"
  sed -n 3p out | grep -Eqx "\{\"build_seconds\":$number,\"sweep\":\[\{\"ef\":5,[^{}]*\},\{\"ef\":10,[^{}]*\}\]\}" ||
    fail "$(<out)"
}

test_what_makes_no_sense_is_refused_before_anything_is_searched() {
  small_scene
  expect_status 2 ranks 2 knn --base base.tsv --queries queries.tsv -k 2001 -o ids.tsv >out 2>err
  expect_message err 'there are no 2001 neighbours \(base\.tsv has 2000 vectors\)'
  expect_status 2 "$BALLAST" "${search[@]}" --replicas 2 >out 2>err
  expect_only_message err 'every node has the whole base'
  expect_status 2 ranks 2 "${search[@]}" --layout shard --shards 2001 >out 2>err
  expect_message err 'cannot be cut into 2001 shards'
  expect_status 2 "$BALLAST" "${search[@]}" --metric hamming >out 2>err
  expect_status 2 "$BALLAST" "${search[@]}" -o ids.csv >out 2>err
  expect_status 2 "$BALLAST" "${search[@]}" --ef 5 >out 2>err
  expect_status 2 "$BALLAST" knn --base base.tsv -k 5 >out 2>err
  expect_only_message err 'there are no queries'
  local count
  for count in 0 -1 1e3; do
    expect_status 2 "$BALLAST" knn --base base.tsv --queries queries.tsv -k "$count" >out 2>err
    expect_only_message err "-k: $count is no whole number of 1 or more"
    expect_status 2 "$BALLAST" "${search[@]}" --batch "$count" >out 2>err
    expect_only_message err "--batch: $count is no whole number of 1 or more"
  done
  for count in 0 1 -1 10001 x; do
    expect_status 2 "$BALLAST" "${search[@]}" --index hnsw --m "$count" >out 2>err
    expect_only_message err "--m: .*$count not in range 2 to 10000; [^;]*$"
  done
  expect_status 2 "$BALLAST" "${search[@]}" --index hnsw --ef-construction 0 >out 2>err
  expect_only_message err '--ef-construction: 0 is no whole number of 1 or more'
  expect_status 2 "$BALLAST" "${search[@]}" -o ids.tsv -- foo >out 2>err
  expect_only_message err 'knn runs no command; leave out `--` and what follows it'
  expect_status 2 "$BALLAST" knn --base base.npy --queries queries.npy -k 5 --columns 1-3 >out 2>err
  expect_only_message err 'there are no columns to choose'
  expect_status 3 ranks 2 knn --base absent.tsv --queries queries.tsv -k 5 >out 2>err
  expect_message err 'cannot read absent\.tsv'
  expect_absent ids.tsv ids.csv
}

test_a_malformed_row_is_named_and_nothing_is_written() {
  small_scene
  sed -i '43s/^[0-9]*/nan/' base.tsv
  expect_status 3 ranks 2 "${search[@]}" -o ids.tsv >out 2>err
  expect_message err 'row 42'
  small_scene
  sed -i '8s/\t.*//' queries.tsv
  expect_status 3 ranks 2 "${search[@]}" -o ids.tsv >out 2>err
  expect_message err 'row 7'
  expect_absent ids.tsv ids.tsv.partial
}

test_metrics_go_by_their_names_and_inner_products_by_their_sign() {
  printf '1\t0\n3\t0\n0\t2\n' >base.tsv
  printf '2\t0\n' >queries.tsv
  local pair metric ids distances
  for pair in 'l2:0 1 :1 1 ' 'euclidean:0 1 :1 1 ' 'ip:1 0 :6 2 ' 'cosine:0 1 :0 0 ' 'angular:0 1 :0 0 '; do
    IFS=: read -r metric ids distances <<<"$pair"
    "$BALLAST" knn --base base.tsv --queries queries.tsv -k 2 --metric "$metric" -o ids.tsv --distances d.tsv >out ||
      fail "failed with $metric"
    expect_equal "$(tr '\t\n' '  ' <ids.tsv)" "$ids" "$metric"
    expect_equal "$(tr '\t\n' '  ' <d.tsv)" "$distances" "$metric"
  done
}

test_the_files_of_ann_people_are_read() {
  [[ -s $data/sift5k_base.bvecs ]] || { echo 'skipped: no shared data'; return 0; }
  local sift=(--queries "$data/siftsmall_query.fvecs" -k 100 --truth "$data/sift5k_siftsmallq_groundtruth.ivecs")
  ranks 3 knn --base "$data/sift5k_base.bvecs" "${sift[@]}" --recall ids -o b.ivecs >out || fail 'SIFT failed'
  expect_equal "$(value recall out)" 1
  expect_same b.ivecs "$data/sift5k_siftsmallq_groundtruth.ivecs"
  "$BALLAST" knn --base "$data/sift-dataset-5k.tsv" --queries "$data/sift-query-3.tsv" --columns 1-128 -k 3 >out ||
    fail 'SIFT as text failed'
  ranks 3 knn --base "$data/mnist-t10k-784-euclidean.hdf5" -k 10 >out || fail 'MNIST failed'
  expect_equal "$(value recall out)" 1
  expect_status 2 "$BALLAST" knn --base "$data/mnist-t10k-784-euclidean.hdf5" -k 10 --metric cosine >out 2>err
  expect_only_message err 'contradicts'
}

run_tests "$@"
