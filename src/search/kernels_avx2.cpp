// The kernels for the instruction level avx2.
#define BALLAST_LEVEL avx2
#include "search/kernels.inc"
