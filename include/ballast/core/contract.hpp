// Contracts: EXPECT what must hold on entry, ENSURE what holds on leaving. They stay on in every build.
#pragma once

#include <stdexcept>
#include <string>

namespace ballast {

/// A bug in Ballast, or in a caller that broke a promise: never the fault of input.
class ContractViolation : public std::logic_error {
 public:
  using std::logic_error::logic_error;
};

namespace detail {
[[noreturn]] inline void violated(char const* kind, char const* condition, char const* file, int line) {
  throw ContractViolation{std::string{kind} + " broken: " + condition + " (" + file + ":" + std::to_string(line) +
                          "); please report this as a bug of Ballast"};
}
}  // namespace detail

}  // namespace ballast

#define BALLAST_EXPECT(condition) \
  ((condition) ? void() : ::ballast::detail::violated("precondition", #condition, __FILE__, __LINE__))
#define BALLAST_ENSURE(condition) \
  ((condition) ? void() : ::ballast::detail::violated("postcondition", #condition, __FILE__, __LINE__))
