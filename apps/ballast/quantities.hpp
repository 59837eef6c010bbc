// Quantities: times, sizes and shares as people type them.
#pragma once

#include <CLI/CLI.hpp>
#include <cstdint>
#include <string>

#include <ballast/runtime/options.hpp>

namespace app {

/// `90`, `1.5s`, `200ms`, `5us`, `2m`, `3h`, `1d`. Throws UsageError naming the option.
[[nodiscard]] ballast::Duration parse_duration(std::string const& option, std::string const& text);
/// `65536`, `64K`, `2M`, `1G`, of 1024 each. Throws UsageError.
[[nodiscard]] std::uint64_t parse_size(std::string const& option, std::string const& text);
/// `12` Throws UsageError for anything that is not a whole number.
[[nodiscard]] std::uint64_t parse_count(std::string const& option, std::string const& text);
/// `200%`. Throws UsageError.
[[nodiscard]] ballast::Percent parse_percent(std::string const& option, std::string const& text);

/// Of an option that counts something there must be. CLI11 alone would take -1 for a large number, and tell the range
/// of 0 in 300 digits.
[[nodiscard]] CLI::Validator at_least_one();

}  // namespace app
