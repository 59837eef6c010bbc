// Without --until only the outcome is of interest; with it, every decision on the way.
#include "replaying.hpp"

#include <fmt/format.h>

#include <ballast/sim/replay.hpp>

#include "comparing.hpp"
#include "quantities.hpp"

namespace app {
namespace {

std::optional<ballast::JobId> parse_until(std::string const& text) {
  if (text.empty()) return {};
  std::string const job{"job="};
  if (!text.starts_with(job))
    throw ballast::UsageError{fmt::format("--until does not understand `{}`", text), "it takes job=N",
                              "try --until job=17"};
  return ballast::JobId{parse_count("--until", text.substr(job.size()))};
}

std::string indented(std::string const& lines) {
  std::string text;
  for (std::size_t begin = 0; begin < lines.size();) {
    auto const end = std::min(lines.find('\n', begin), lines.size());
    text += "  " + lines.substr(begin, end - begin) + "\n";
    begin = end + 1;
  }
  return text.empty() ? "  nothing\n" : text;
}

std::string text_of(ballast::ReplayDifference const& difference) {
  return fmt::format("event {} is decided otherwise\ntold:\n{}recorded:\n{}now:\n{}", difference.event,
                     indented(difference.told), indented(difference.expected), indented(difference.got));
}

std::string text_of(ballast::ReplayOutcome const& outcome, std::optional<ballast::JobId> until) {
  std::string text;
  if (until)
    text += fmt::format("job {} is {}\n", until->value(),
                        outcome.resolved ? "resolved here" : "not resolved by the end of the recording");
  text += fmt::format("{} events, the same decisions (policy {})\n", outcome.events, outcome.policy);
  if (outcome.cut) text += "the recording ends in the middle of the run: it was killed, or its disk was full\n";
  return text;
}

}  // namespace

int replay_recording(SimulateFlags const& flags) {
  auto const until = parse_until(flags.until);
  std::function<void(std::string_view)> say;
  if (until) say = [](std::string_view words) { print(std::string{words} + "\n"); };
  auto const outcome = ballast::replay(flags.replay, until, say);
  print(outcome.difference ? text_of(*outcome.difference) : text_of(outcome, until));
  return outcome.difference ? 1 : 0;
}

}  // namespace app
