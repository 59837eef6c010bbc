// The kernels of each level.
#include "search/kernels.hpp"

#include "core/by_level.hpp"

namespace ballast {

Kernels const& kernels_of(InstructionLevel level) {
  return by_level(level, generic::kernels, avx2::kernels, avx512::kernels);
}

}  // namespace ballast
