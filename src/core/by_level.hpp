// By level: the choice among what was made once for each instruction level.
#pragma once

#include "ballast/core/contract.hpp"
#include "ballast/core/instruction_level.hpp"

namespace ballast {

/// Breaks its contract if this processor has not got that level.
template <class Thing>
[[nodiscard]] Thing const& by_level(InstructionLevel level, Thing const& generic, Thing const& avx2,
                                    Thing const& avx512) {
  BALLAST_EXPECT(level <= native_level());
  if (level == InstructionLevel::avx512) return avx512;
  return level == InstructionLevel::avx2 ? avx2 : generic;
}

}  // namespace ballast
