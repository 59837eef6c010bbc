# Other tools on the same sleeping jobs: rows of the CSV that static_vs_dynamic writes, of kind `peer`.
# shellcheck shell=bash disable=SC2154 # ballast, here and output are the caller's

# costs_of COST JOBS SEED NODES FILE: the jobs' times in seconds, one a line, in job order; prints the ideal makespan.
# They are read from a simulated run on nodes of speed 1.
costs_of() {
  local timeline=$output/costs.csv
  "$ballast" simulate --csv --cost "$1" --jobs "$2" --seed "$3" --nodes "$4" --policies static --speculate off \
    --timeline "$timeline" | awk -F, 'NR == 2 { print $3 }'
  awk -F, 'NR > 1 { printf "%d %.9f\n", $4, $7 - $6 }' "$timeline" | sort -n | cut -d ' ' -f 2 >"$5"
}

# Each prints its makespan in seconds, given NODES and a file of COSTS; the status is 127 where the tool is not installed.
textbook() {
  local program=$output/textbook
  command -v mpicc >/dev/null || return 127
  [[ $program -nt $here/peers/textbook.c ]] || mpicc -std=gnu11 -O2 -Wall -Wextra -Werror -o "$program" "$here/peers/textbook.c"
  mpirun --oversubscribe -n $(($1 + 1)) "$program" "$2"
}

mpi4py() {
  python3 -c 'import mpi4py.futures' 2>/dev/null || return 127
  mpirun --oversubscribe -n $(($1 + 1)) python3 -m mpi4py.futures "$here/peers/futures.py" "$2"
}

# With its own start: it has no other clock.
gnu_parallel() {
  parallel --version 2>/dev/null | grep -q '^GNU parallel' || return 127
  seconds parallel --will-cite -j "$1" -a "$2" sleep
}

# peer_row SCENARIO PEER MAKESPAN IDEAL JOBS NODES COST SEED: a row as `ballast simulate --csv` writes them.
peer_row() {
  local ratio
  ratio=$(awk -v makespan="$3" -v ideal="$4" 'BEGIN { printf "%.6f", makespan / ideal }')
  echo "$1,$2,$3,$4,$ratio,,,$5,$6,1,\"$7\",equal,$8,peer"
}

# measure_peers SCENARIO NODES JOBS COST REPEAT
declare -A excused=()
measure_peers() {
  local peer seed ideal makespan status costs=$output/costs
  for ((seed = 0; seed < $5; ++seed)); do
    ideal=$(costs_of "$4" "$3" "$seed" "$2" "$costs")
    for peer in textbook mpi4py gnu_parallel; do
      status=0
      makespan=$("$peer" "$2" "$costs") || status=$?
      if [[ $status == 0 ]]; then
        peer_row "$1" "$peer" "$makespan" "$ideal" "$3" "$2" "$4" "$seed"
      elif [[ -z ${excused[$peer]:-} ]]; then
        excused[$peer]=yes
        if [[ $status == 127 ]]; then echo "$peer: not installed" >&2; else echo "$peer: failed (status $status)" >&2; fi
      fi
    done
  done
}
