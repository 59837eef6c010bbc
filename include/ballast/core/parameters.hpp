// Parameters: the `key=value,key=value` behind a name that a user has chosen (a policy, a distribution).
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "ballast/core/clock.hpp"

namespace ballast {

/// NAME or NAME:key=value,key=value, taken apart. Whoever is chosen takes what he knows; what is left is an error.
class Parameters {
 public:
  /// `what` names the choice in messages: `policy`. Throws UsageError for what is not of this form.
  Parameters(std::string_view what, std::string_view choice);

  [[nodiscard]] std::string const& name() const { return name_; }

  /// Each takes the value of a key, if it was given. Throws UsageError if it is not what the function's name says, or
  /// below `least`.
  [[nodiscard]] std::optional<double> number(std::string_view key, double least);
  [[nodiscard]] std::optional<std::uint64_t> count(std::string_view key, std::uint64_t least);
  [[nodiscard]] std::optional<Duration> duration(std::string_view key);  ///< `10ms`; bare numbers are seconds; ≥ 0
  [[nodiscard]] std::optional<std::string> word(std::string_view key);

  /// Throws UsageError if a key was given that nobody has taken.
  void finish() const;

  /// The error for a value that was taken and makes no sense.
  [[noreturn]] void refuse(std::string_view key, std::string_view why) const;

 private:
  [[nodiscard]] std::optional<std::string> take(std::string_view key);

  std::string what_;
  std::string name_;
  std::map<std::string, std::string, std::less<>> given_;
  std::map<std::string, std::string, std::less<>> taken_;
};

/// A time as users write it: `1.5s`, `10ms`, `2m`; units s m h d ms us, bare = seconds. None if it is not one.
[[nodiscard]] std::optional<Duration> parse_duration(std::string_view text);

}  // namespace ballast
