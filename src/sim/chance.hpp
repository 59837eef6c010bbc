// Chance: numbers that look random and depend on nothing but what they are drawn for.
#pragma once

#include <cstdint>

namespace ballast {

/// SplitMix64's finalizer (Steele, Lea & Flood 2014): every bit of the input moves every bit of the output.
[[nodiscard]] constexpr std::uint64_t scramble(std::uint64_t bits) {
  bits += 0x9e3779b97f4a7c15U;
  bits = (bits ^ (bits >> 30U)) * 0xbf58476d1ce4e5b9U;
  bits = (bits ^ (bits >> 27U)) * 0x94d049bb133111ebU;
  return bits ^ (bits >> 31U);
}

/// Uniform in (0, 1), the ends excluded; one number for each seed, use and thing.
[[nodiscard]] constexpr double chance(std::uint64_t seed, std::uint64_t use, std::uint64_t thing) {
  auto const bits = scramble(scramble(scramble(seed) ^ use) ^ thing);
  return (static_cast<double>(bits >> 11U) + 0.5) * 0x1p-53;
}

}  // namespace ballast
