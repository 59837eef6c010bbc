// Portable mathematics: functions with the same bits on every machine, which libm does not promise.
#pragma once

#include <cstdint>

namespace ballast::learn {

/// ln(x) of a normal x > 0, within a few units of the last place.
[[nodiscard]] double natural_logarithm(double x);

/// base^exponent.
[[nodiscard]] double power(double base, std::uint64_t exponent);

}  // namespace ballast::learn
