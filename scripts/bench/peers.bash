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

# Each prints its makespan in seconds, given NODES and a file of COSTS; it fails where the tool is not installed.
textbook() {
  local program=$output/textbook
  command -v mpicc >/dev/null || return
  [[ $program -nt $here/peers/textbook.c ]] || mpicc -std=gnu11 -O2 -Wall -Wextra -Werror -o "$program" "$here/peers/textbook.c"
  mpirun --oversubscribe -n $(($1 + 1)) "$program" "$2"
}

mpi4py() {
  python3 -c 'import mpi4py.futures' 2>/dev/null || return
  mpirun --oversubscribe -n $(($1 + 1)) python3 -m mpi4py.futures "$here/peers/futures.py" "$2"
}

# With its own start: it has no other clock.
gnu_parallel() {
  parallel --version 2>/dev/null | grep -q '^GNU parallel' || return
  seconds parallel --will-cite -j "$1" -a "$2" sleep
}

# measure_peers SCENARIO NODES JOBS COST REPEAT
measure_peers() {
  local peer seed ideal makespan costs=$output/costs
  for ((seed = 0; seed < $5; ++seed)); do
    ideal=$(costs_of "$4" "$3" "$seed" "$2" "$costs")
    for peer in textbook mpi4py gnu_parallel; do
      if makespan=$("$peer" "$2" "$costs"); then
        awk -v OFS=, -v scenario="$1" -v peer="$peer" -v makespan="$makespan" -v ideal="$ideal" -v jobs="$3" -v nodes="$2" \
          -v cost="\"$4\"" -v seed="$seed" 'BEGIN { print scenario, peer, makespan, ideal, makespan / ideal, "", "", jobs, nodes, 1, cost, "equal", seed, "peer" }'
      elif [[ -z ${missing[$peer]:-} ]]; then
        missing[$peer]=yes
        echo "$peer: not installed" >&2
      fi
    done
  done
}
declare -A missing=()
