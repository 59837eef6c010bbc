# What the benchmarks share: the program, the clock, the median.
# shellcheck shell=bash
cd "$(dirname "${BASH_SOURCE[0]}")/../.." || exit
ballast=${BALLAST:-$PWD/build/release/bin/ballast}
if [[ ! -x $ballast ]]; then
  echo "bench: $ballast is missing; run scripts/demo, or cmake --workflow --preset ci" >&2
  exit 2
fi
if [[ $(id -u) == 0 ]]; then export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1; fi
export OMPI_MCA_mpi_yield_when_idle=1

# ranks N ARGUMENT…: the program at N ranks.
ranks() { mpirun --oversubscribe -n "$1" "$ballast" "${@:2}"; }

# seconds COMMAND…: how long it takes, its output thrown away.
seconds() {
  local begin=$EPOCHREALTIME
  "$@" >/dev/null || kill "$$"  # from a subshell, too: a command that fails has no time
  awk -v begin="$begin" -v end="$EPOCHREALTIME" 'BEGIN { printf "%.3f\n", end - begin }'
}

# median: of the numbers on standard input, one a line.
median() { sort -g | awk '{ value[NR] = $1 } END { print value[int((NR + 1) / 2)] }'; }

ratio() { awk -v a="$1" -v b="$2" 'BEGIN { printf "%.2f\n", a / b }'; }
