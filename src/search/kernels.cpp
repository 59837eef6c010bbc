// The kernels of each level.
#include "search/kernels.hpp"

#include "ballast/core/contract.hpp"

namespace ballast {

Kernels const& kernels_of(InstructionLevel level) {
  BALLAST_EXPECT(level <= native_level());
  switch (level) {
    case InstructionLevel::generic:
      break;
    case InstructionLevel::avx2:
      return avx2::kernels;
    case InstructionLevel::avx512:
      return avx512::kernels;
  }
  return generic::kernels;
}

}  // namespace ballast
