// Series and products, of basic operations only, which IEEE 754 defines to the last bit.
#include "learn/portable_math.hpp"

#include <cmath>

namespace ballast::learn {

double natural_logarithm(double x) {
  constexpr double ln2 = 0.693147180559945309417232121458;
  constexpr double root_of_half = 0.707106781186547524400844362105;
  int exponent = 0;
  auto fraction = std::frexp(x, &exponent);
  if (fraction < root_of_half) {
    fraction *= 2;
    --exponent;
  }
  // ln(f) = 2·artanh((f − 1) ÷ (f + 1)), whose argument is below 0.172
  auto const t = (fraction - 1) / (fraction + 1);
  double series = 0;
  for (auto odd = 23; odd >= 1; odd -= 2) series = series * t * t + 1.0 / odd;
  return exponent * ln2 + 2 * t * series;
}

double power(double base, std::uint64_t exponent) {
  double result = 1;
  for (; exponent != 0; exponent >>= 1U, base *= base)
    if ((exponent & 1U) != 0) result *= base;
  return result;
}

}  // namespace ballast::learn
