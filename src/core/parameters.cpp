// Every key is taken once, by whoever knows it; what remains was meant for somebody else.
#include "ballast/core/parameters.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <utility>

#include "ballast/core/error.hpp"

namespace ballast {
namespace {

/// The number at the front of the text, and what follows it.
std::optional<std::pair<double, std::string_view>> number_and_rest(std::string_view text) {
  double value{};
  auto const* const end = text.data() + text.size();
  auto const [rest, error] = std::from_chars(text.data(), end, value);
  if (error != std::errc{} || !std::isfinite(value)) return {};
  return std::pair{value, std::string_view{rest, static_cast<std::size_t>(end - rest)}};
}

}  // namespace

std::optional<Duration> parse_duration(std::string_view text) {
  constexpr std::pair<std::string_view, double> units[] = {{"", 1e9},      {"s", 1e9},  {"m", 60e9}, {"h", 3600e9},
                                                           {"d", 86400e9}, {"ms", 1e6}, {"us", 1e3}};
  auto const parsed = number_and_rest(text);
  if (!parsed || parsed->first < 0) return {};
  for (auto const& [name, nanoseconds] : units)
    if (parsed->second == name && parsed->first * nanoseconds < 9e18)
      return Duration{std::llround(parsed->first * nanoseconds)};
  return {};
}

Parameters::Parameters(std::string_view what, std::string_view choice) : what_{what} {
  auto const colon = choice.find(':');
  name_ = choice.substr(0, colon);
  for (auto rest = colon; rest != std::string_view::npos;) {
    auto const next = choice.find(',', rest + 1);
    auto const pair = choice.substr(rest + 1, next == std::string_view::npos ? next : next - rest - 1);
    rest = next;
    auto const equals = pair.find('=');
    auto const key = pair.substr(0, equals);
    if (equals == std::string_view::npos || key.empty() || equals + 1 == pair.size())
      throw UsageError{"the " + what_ + " `" + std::string{choice} + "` is not understood",
                       "`" + std::string{pair} + "` is not key=value", "write NAME:key=value,key=value"};
    if (!given_.emplace(key, pair.substr(equals + 1)).second)
      throw UsageError{"the " + what_ + " `" + std::string{choice} + "` is not understood",
                       "it has `" + std::string{key} + "` twice", "leave one out"};
  }
}

std::optional<std::string> Parameters::take(std::string_view key) {
  auto const found = given_.find(key);
  if (found == given_.end()) return {};
  taken_.insert(*found);
  return given_.extract(found).mapped();
}

std::optional<double> Parameters::number(std::string_view key, double least) {
  auto const text = take(key);
  if (!text) return {};
  auto const parsed = number_and_rest(*text);
  if (!parsed || !parsed->second.empty()) refuse(key, "it takes a number");
  if (parsed->first < least) refuse(key, "that is too small");
  return parsed->first;
}

std::optional<std::uint64_t> Parameters::count(std::string_view key, std::uint64_t least) {
  auto const text = take(key);
  if (!text) return {};
  std::uint64_t value{};
  auto const* const end = text->data() + text->size();
  auto const [rest, error] = std::from_chars(text->data(), end, value);
  if (error != std::errc{} || rest != end) refuse(key, "it takes a whole number");
  if (value < least) refuse(key, "that is too small");
  return value;
}

std::optional<Duration> Parameters::duration(std::string_view key) {
  auto const text = take(key);
  if (!text) return {};
  auto const parsed = parse_duration(*text);
  if (!parsed) refuse(key, "a time is a number with s, m, h, d, ms or us; bare = seconds");
  return parsed;
}

std::optional<std::string> Parameters::word(std::string_view key) { return take(key); }

void Parameters::finish() const {
  if (given_.empty()) return;
  throw UsageError{"the " + what_ + " `" + name_ + "` has no parameter `" + given_.begin()->first + "`", "",
                   "leave it out, or look for the name that was meant"};
}

void Parameters::refuse(std::string_view key, std::string_view why) const {
  auto const value = taken_.find(key);
  throw UsageError{"the " + what_ + " `" + name_ + "` does not take " + std::string{key} + "=" +
                       (value == taken_.end() ? std::string{} : value->second),
                   why, "correct it"};
}

}  // namespace ballast
