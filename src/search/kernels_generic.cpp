// The kernels for the instruction level generic.
#define BALLAST_LEVEL generic
#include "search/kernels.inc"
