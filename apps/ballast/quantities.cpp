// A number and a unit; nothing before, between or behind them.
#include "quantities.hpp"

#include <array>
#include <charconv>
#include <cmath>
#include <string_view>
#include <utility>

#include <ballast/core/error.hpp>
#include <ballast/core/parameters.hpp>

namespace app {
namespace {

[[noreturn]] void refuse(std::string const& option, std::string const& text, std::string_view form) {
  throw ballast::UsageError{option + " does not understand `" + text + "`", form, "`--help` describes the options"};
}

/// The number at the front of the text, and what follows it.
std::pair<double, std::string_view> number_and_unit(std::string const& option, std::string const& text,
                                                    std::string_view form) {
  double value{};
  auto const* const end = text.data() + text.size();
  auto const [rest, error] = std::from_chars(text.data(), end, value, std::chars_format::fixed);
  if (error != std::errc{} || !std::isfinite(value) || value < 0) refuse(option, text, form);
  return {value, {rest, static_cast<std::size_t>(end - rest)}};
}

double scaled(std::string const& option, std::string const& text, std::string_view form,
              std::initializer_list<std::pair<std::string_view, double>> units) {
  auto const [value, unit] = number_and_unit(option, text, form);
  for (auto const& [name, factor] : units)
    if (unit == name && value * factor < 9e18) return value * factor;
  refuse(option, text, form);
}

}  // namespace

ballast::Duration parse_duration(std::string const& option, std::string const& text) {
  auto const duration = ballast::parse_duration(text);
  if (!duration) refuse(option, text, "a time is a number with s, m, h, d, ms or us; bare = seconds");
  return *duration;
}

std::uint64_t parse_size(std::string const& option, std::string const& text) {
  constexpr double kilo = 1024;
  auto const bytes = scaled(option, text, "a size is a number with K, M or G",
                            {{"", 1}, {"K", kilo}, {"M", kilo * kilo}, {"G", kilo * kilo * kilo}});
  return static_cast<std::uint64_t>(bytes);
}

std::uint64_t parse_count(std::string const& option, std::string const& text) {
  std::uint64_t value{};
  auto const* const end = text.data() + text.size();
  auto const [rest, error] = std::from_chars(text.data(), end, value);
  if (error != std::errc{} || rest != end) refuse(option, text, "it takes a whole number");
  return value;
}

ballast::Percent parse_percent(std::string const& option, std::string const& text) {
  auto const [value, unit] = number_and_unit(option, text, "a share is a number with %");
  if (unit != "%" || value <= 0) refuse(option, text, "a share is a number with %");
  return {value};
}

CLI::Validator at_least_one() {
  return {[](std::string& word) {
            auto const is_count = !word.empty() && word.find_first_not_of("0123456789") == std::string::npos;
            return is_count && word.find_first_not_of('0') != std::string::npos
                       ? std::string{}
                       : word + " is no whole number of 1 or more";
          },
          "POSITIVE"};
}

}  // namespace app
