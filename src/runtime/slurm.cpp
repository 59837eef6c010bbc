// Slurm's variables and its squeue: nothing here is linked with Slurm.
#include "ballast/runtime/slurm.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdio>
#include <cstdlib>
#include <memory>

namespace ballast {
namespace {

constexpr Duration most_to_spare = std::chrono::seconds{30};
constexpr std::uint64_t century = std::uint64_t{100} * 365 * 24 * 3600;  // in seconds; a Duration ends at 292 years

/// Takes a number off the front of the text.
std::optional<unsigned> take_number(std::string_view& text) {
  unsigned number = 0;
  auto const [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{}) return {};
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  return number;
}

bool take(char wanted, std::string_view& text) {
  if (!text.starts_with(wanted)) return false;
  text.remove_prefix(1);
  return true;
}

std::string variable(char const* name) {
  auto const* const value = std::getenv(name);
  return value == nullptr ? std::string{} : std::string{value};
}

/// As squeue takes it: the id of the first task of an array would name them all. Digits and `_` only.
std::string job_name() {
  auto name = variable("SLURM_JOB_ID");
  auto const array = variable("SLURM_ARRAY_JOB_ID");
  if (!name.empty() && !array.empty()) name = array + '_' + variable("SLURM_ARRAY_TASK_ID");
  return name.find_first_not_of("0123456789_") == std::string::npos ? name : std::string{};
}

std::string first_line_of(std::string const& command) {
  std::unique_ptr<std::FILE, int (*)(std::FILE*)> const output{::popen(command.c_str(), "re"), ::pclose};
  std::array<char, 64> line{};
  if (!output || std::fgets(line.data(), static_cast<int>(line.size()), output.get()) == nullptr) return {};
  std::string text{line.data()};
  text.erase(std::find(text.begin(), text.end(), '\n'), text.end());
  return text;
}

}  // namespace

TimeLeft parse_time_left(std::string_view text) {
  if (text == "UNLIMITED") return Unlimited{};
  auto first = take_number(text);
  bool const with_days = first && take('-', text);
  std::uint64_t seconds = with_days ? std::uint64_t{*first} * 24 : first.value_or(0);
  if (with_days) {
    first = take_number(text);
    seconds += first.value_or(0);
  }
  if (!first) return Untold{};
  unsigned fields = 1;
  for (; fields < 3 && take(':', text); ++fields) {
    auto const number = take_number(text);
    if (!number || *number > 59) return Untold{};
    seconds = seconds * 60 + *number;
  }
  if (!text.empty() || fields < (with_days ? 3U : 2U)) return Untold{};
  return Duration{std::chrono::seconds{std::min(seconds, century)}};
}

Duration run_limit_within(Duration left) { return left - std::min(most_to_spare, left / 10); }

std::optional<TimeLeft> slurm_time_left() {
  auto const job = job_name();
  if (job.empty()) return {};
  return parse_time_left(first_line_of(fmt::format("exec timeout 10 squeue -h -j {} -o %L 2>/dev/null", job)));
}

std::variant<Duration, std::string> slurm_run_limit() {
  auto const left = slurm_time_left();
  if (!left) return "this is no Slurm job";
  if (auto const* const time = std::get_if<Duration>(&*left)) return run_limit_within(*time);
  return std::holds_alternative<Unlimited>(*left) ? "the Slurm job has none" : "squeue does not tell the time left";
}

std::optional<unsigned> restart_count() {
  if (job_name().empty()) return {};
  auto const text = variable("SLURM_RESTART_COUNT");
  std::string_view rest{text};
  return take_number(rest).value_or(0);
}

}  // namespace ballast
