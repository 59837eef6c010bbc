// Text row: one line of numbers between blanks and tabs.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace ballast {

/// Columns first … last of a row, counted from 0.
struct ColumnRange {
  std::size_t first = 0;
  std::size_t last = static_cast<std::size_t>(-1);
};

/// `1-128`, `2-`, `7`, or nothing for all. Throws UsageError.
[[nodiscard]] ColumnRange parse_columns(std::string_view text);

/// Takes the next word off a line; empty at its end.
[[nodiscard]] std::string_view next_word(std::string_view& line);
[[nodiscard]] std::size_t count_words(std::string_view line);

/// A word as a number; none if it is not one, or not finite.
template <class Number>
[[nodiscard]] std::optional<Number> parse_number(std::string_view word);

}  // namespace ballast
