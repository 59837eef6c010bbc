# shellcheck shell=bash
# The cluster of tests/slurm: four virtual hosts on one machine, and root runs the jobs. An example of what a cluster's
# file may say; it needs no modules.
source "$(dirname "${BASH_SOURCE[0]}")/generic.sh"

export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1
export OMPI_MCA_mpi_yield_when_idle=1 # more ranks than cores
export PMIX_OUTPUT_REDIRECT=syslog    # PMIx complains of every rank that dies
# The hosts' network, not the bridges and tunnels beside it. A real cluster names its fastest one here.
export OMPI_MCA_btl_tcp_if_include=10.99.0.0/24 OMPI_MCA_oob_tcp_if_include=10.99.0.0/24
