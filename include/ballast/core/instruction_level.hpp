// Instruction level: how new a processor arithmetic may suppose.
#pragma once

#include <string_view>

namespace ballast {

/// Each contains the ones before it, so the lowest of several nodes is one that all of them can run. The same inputs
/// give the same bits at the same level, on every processor that has it.
enum class InstructionLevel {
  generic,  ///< whatever this build supposes
  avx2,     ///< and FMA
  avx512,   ///< the foundation, AVX-512F
};

/// The highest that this processor can run.
[[nodiscard]] InstructionLevel native_level();

/// `generic`, `avx2`, `avx512`. Throws UsageError for anything else.
[[nodiscard]] InstructionLevel parse_level(std::string_view name);
[[nodiscard]] std::string_view name_of(InstructionLevel level);

}  // namespace ballast
