# shellcheck shell=bash
# Any cluster. For yours, copy this file to env/NAME.sh, name its modules there, and submit with CLUSTER=NAME.
# ballast.sbatch reads it on the first host of the job; the environment goes to the other ranks from there.

# What `module load` gets; several words, or none: MODULES="gcc/12 openmpi/4.1" sbatch …
modules=${MODULES:-}

if [[ -n $modules ]]; then
  if ! command -v module >/dev/null && [[ -r /etc/profile.d/modules.sh ]]; then
    set +u # what is sourced here was not written for it
    # shellcheck source=/dev/null
    source /etc/profile.d/modules.sh
    set -u
  fi
  if ! command -v module >/dev/null; then
    echo "env/generic.sh: there is no \`module\` to load $modules with; leave MODULES out, or name the shell's" \
      "start-up file of your cluster here" >&2
    exit 2
  fi
  set +u
  for name in $modules; do
    if ! module load "$name"; then
      echo "env/generic.sh: the module $name is missing; \`module avail\` names those that are there" >&2
      exit 2
    fi
  done
  set -u
fi

for program in srun scontrol squeue; do
  if ! command -v "$program" >/dev/null; then
    echo "env/generic.sh: $program is missing; Slurm's programs must be in PATH" >&2
    exit 2
  fi
done
