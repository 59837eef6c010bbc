// Chance: random numbers that a seed decides, the same on every machine.
#pragma once

#include <cmath>
#include <cstdint>
#include <initializer_list>
#include <random>
#include <utility>
#include <vector>

#include "learn/portable_math.hpp"

namespace ballast::learn {

/// The standard defines the numbers of mt19937_64, but not what its distributions or std::shuffle make of them.
class Chance {
 public:
  /// Each sequence of words is a source of its own.
  explicit Chance(std::initializer_list<std::uint64_t> words) {
    std::uint64_t seed = 0;
    for (auto const word : words) seed = mixed(seed ^ mixed(word));
    engine_.seed(seed);
  }

  /// Below `limit`, which is below 2³²: the bias is less than 2⁻³².
  [[nodiscard]] std::uint64_t below(std::uint64_t limit) { return ((engine_() >> 32U) * limit) >> 32U; }

  /// Mean 0, variance 1, by the method of Box and Muller (1958) in Marsaglia's form, which needs no angle.
  [[nodiscard]] double normal() {
    while (true) {
      auto const x = symmetric();
      auto const y = symmetric();
      auto const square = x * x + y * y;
      if (square > 0 && square < 1) return x * std::sqrt(-2 * natural_logarithm(square) / square);
    }
  }

  template <class T>
  void shuffle(std::vector<T>& values) {
    for (auto left = values.size(); left > 1; --left) std::swap(values[left - 1], values[below(left)]);
  }

 private:
  /// The finaliser of splitmix64 (Steele, Lea and Flood, 2014).
  static std::uint64_t mixed(std::uint64_t word) {
    word += 0x9e3779b97f4a7c15U;
    word = (word ^ (word >> 30U)) * 0xbf58476d1ce4e5b9U;
    word = (word ^ (word >> 27U)) * 0x94d049bb133111ebU;
    return word ^ (word >> 31U);
  }

  /// In [−1, 1).
  double symmetric() { return static_cast<double>(engine_() >> 11U) * 0x1p-52 - 1; }

  std::mt19937_64 engine_;
};

}  // namespace ballast::learn
