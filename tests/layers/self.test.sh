#!/usr/bin/env bash
# The layer rules are alive: a clean tree passes, and each rule that is broken is named with its file and line.
set -euo pipefail

check=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)/check
tree=$(mktemp -d "${TMPDIR:-/tmp}/ballast-layers.XXXXXX")
trap 'rm -rf "$tree"' EXIT
failed=0

clean_tree() {
  rm -rf "${tree:?}"/*
  put include/ballast/ballast.hpp '#include "ballast/problem/codec.hpp"'
  put include/ballast/problem/codec.hpp '#include <boost/serialization/string.hpp>' '#include "ballast/core/id.hpp"'
  put include/ballast/core/id.hpp '#include <compare>'
  put src/schedule/policies/self.cpp '#include "schedule/pool.hpp"' '// Clock::now() is not for us'
  put src/transport/wire.cpp '#include <boost/mpi/communicator.hpp>' '#include <mpi.h>'
  put src/runtime/main_node.cpp '#include "schedule/pool.hpp"' '#include "ballast/problem/codec.hpp"'
  put apps/ballast/map.cpp '#include <CLI/CLI.hpp>' '#include <ballast/ballast.hpp>' '#include "options.hpp"'
}

# put FILE LINE…
put() {
  mkdir -p "$tree/$(dirname "$1")"
  printf '%s\n' "${@:2}" >"$tree/$1"
}

# refuses RULE FILE LINE…: the file, whose last line breaks the rule, is found.
refuses() {
  local rule=$1 file=$2 status=0 output
  local line=$(($# - 2))
  clean_tree
  put "${@:2}"
  output=$("$check" "$tree") || status=$?
  if [[ $status == 0 || $output != "$file:$line: "*"$rule"* ]]; then
    printf 'not refused: %s (status %s, %s)\n' "$*" "$status" "${output:-no output}"
    failed=1
  fi
}

clean_tree
"$check" "$tree" || { echo 'the clean tree is refused' && failed=1; }

refuses 'the room solver may not include problem' src/solver/pool.cpp '' '#include "ballast/problem/problem.hpp"'
refuses 'the room core may not include schedule' include/ballast/core/job.hpp '#include <ballast/schedule/event.hpp>'
refuses 'the room schedule may not include transport' src/schedule/pool.hpp '  #  include "transport/wire.hpp"'
refuses 'names no room' src/schedule/pool.cpp '#include "pool.hpp"'
refuses 'the room attic is not in' src/attic/old.cpp ''
refuses 'a source lives in a room' src/main.cpp ''
refuses 'a source lives in a room' include/ballast/loose.hpp ''
refuses 'public headers live in' include/other/core/id.hpp ''
refuses 'the room core may not' src/core/digest.cpp '// why' '#include <string>' '#include "problem/codec.hpp"'
refuses 'public headers only' include/ballast/runtime/session.hpp '#include "runtime/main_node.hpp"'
refuses 'the umbrella header is for users' src/runtime/session.cpp '#include "ballast/ballast.hpp"'
refuses 'MPI lives in src/transport/' src/runtime/session.cpp '#include <mpi.h>'
refuses 'MPI lives in src/transport/' include/ballast/transport/wire.hpp '#include <boost/mpi.hpp>'
refuses 'behind the codec' src/transport/wire.cpp '#include <boost/archive/binary_iarchive.hpp>'
refuses 'CLI11 lives in apps/' src/runtime/options.cpp '#include <CLI/CLI.hpp>'
refuses 'apps/ sees public headers only' apps/ballast/map.cpp '#include "runtime/main_node.hpp"'
refuses 'MPI lives in src/transport/' apps/ballast/map.cpp '#include <mpi.h>'
refuses 'schedule/ is pure' src/schedule/ledger.cpp '' 'auto const now = Clock::now();'
refuses 'schedule/ is pure' src/schedule/ledger.cpp 'auto now = std::chrono::steady_clock::now();'
refuses 'schedule/ is pure' include/ballast/schedule/policy.hpp '#include <random>'
refuses 'schedule/ is pure' src/schedule/ledger.cpp '#include <unistd.h>'
mapfile -t long_file < <(yes '' | head -n 501)
refuses 'longer than 500 lines' src/core/long.cpp "${long_file[@]}"

exit "$failed"
