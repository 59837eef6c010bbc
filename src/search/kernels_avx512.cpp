// The kernels for the instruction level avx512.
#define BALLAST_LEVEL avx512
#include "search/kernels.inc"
