// The makers of all policies, one source file each.
#pragma once

#include <memory>

#include "ballast/schedule/policy.hpp"

namespace ballast {

[[nodiscard]] std::unique_ptr<Policy> make_auto(Parameters&);
[[nodiscard]] std::unique_ptr<Policy> make_static(Parameters&);
[[nodiscard]] std::unique_ptr<Policy> make_cyclic(Parameters&);
[[nodiscard]] std::unique_ptr<Policy> make_self(Parameters&);
[[nodiscard]] std::unique_ptr<Policy> make_guided(Parameters&);

/// ⌈a / b⌉ for b ≥ 1, without overflow.
[[nodiscard]] constexpr std::uint64_t ceil_div(std::uint64_t a, std::uint64_t b) { return a / b + (a % b != 0); }

}  // namespace ballast
