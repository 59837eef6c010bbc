// Which levels there are, and what this processor can run.
#include "ballast/core/instruction_level.hpp"

#include <string>

#include "ballast/core/error.hpp"

namespace ballast {

InstructionLevel native_level() {
#if defined(__x86_64__)
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"))
    return __builtin_cpu_supports("avx512f") ? InstructionLevel::avx512 : InstructionLevel::avx2;
#endif
  return InstructionLevel::generic;
}

InstructionLevel parse_level(std::string_view name) {
  for (auto const level : {InstructionLevel::generic, InstructionLevel::avx2, InstructionLevel::avx512})
    if (name == name_of(level)) return level;
  throw UsageError{"there is no instruction level " + std::string{name}, "", "use generic, avx2 or avx512"};
}

std::string_view name_of(InstructionLevel level) {
  switch (level) {
    case InstructionLevel::generic:
      return "generic";
    case InstructionLevel::avx2:
      return "avx2";
    case InstructionLevel::avx512:
      return "avx512";
  }
  return "";
}

}  // namespace ballast
