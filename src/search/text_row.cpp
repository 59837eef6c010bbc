// Words and numbers of a line.
#include "search/text_row.hpp"

#include <charconv>
#include <cmath>
#include <cstdlib>
#include <string>

#include "ballast/core/error.hpp"

namespace ballast {
namespace {

constexpr std::string_view blanks = " \t\r\n\f\v";

std::size_t column(std::string_view all, std::string_view text) {
  std::size_t value = 0;
  auto const [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size() || value < 1)
    throw UsageError{"there are no columns " + std::string{all},
                     "columns are counted from 1, the first before the last", "use for example 1-128"};
  return value - 1;
}

/// from_chars refuses what is too small for a normal number as it refuses what is too large.
double parse_extreme(std::string_view word) { return std::strtod(std::string{word}.c_str(), nullptr); }

}  // namespace

ColumnRange parse_columns(std::string_view text) {
  if (text.empty()) return {};
  auto const dash = text.find('-');
  if (dash == std::string_view::npos) return {column(text, text), column(text, text)};
  ColumnRange range{.first = column(text, text.substr(0, dash))};
  if (dash + 1 < text.size()) range.last = column(text, text.substr(dash + 1));
  if (range.first > range.last) static_cast<void>(column(text, ""));
  return range;
}

std::string_view next_word(std::string_view& line) {
  line.remove_prefix(std::min(line.find_first_not_of(blanks), line.size()));
  auto const word = line.substr(0, line.find_first_of(blanks));
  line.remove_prefix(word.size());
  return word;
}

std::size_t count_words(std::string_view line) {
  std::size_t count = 0;
  while (!next_word(line).empty()) ++count;
  return count;
}

template <>
std::optional<float> parse_number<float>(std::string_view word) {
  if (word.starts_with('+')) word.remove_prefix(1);
  double value = 0;
  auto const [end, error] = std::from_chars(word.data(), word.data() + word.size(), value);
  if (end != word.data() + word.size() || error == std::errc::invalid_argument) return std::nullopt;
  auto const rounded = static_cast<float>(error == std::errc{} ? value : parse_extreme(word));
  if (!std::isfinite(rounded)) return std::nullopt;
  return rounded;
}

template <>
std::optional<std::int64_t> parse_number<std::int64_t>(std::string_view word) {
  std::int64_t value = 0;
  auto const [end, error] = std::from_chars(word.data(), word.data() + word.size(), value);
  if (end != word.data() + word.size() || error != std::errc{}) return std::nullopt;
  return value;
}

}  // namespace ballast
