// Read line by line: a recording may be larger than memory.
#include "ballast/sim/replay.hpp"

#include <cerrno>
#include <fstream>

#include "ballast/core/error.hpp"
#include "schedule/replay.hpp"

namespace ballast {
namespace {

std::ifstream open_script(std::filesystem::path const& file) {
  errno = 0;
  std::ifstream script{file, std::ios::binary};
  if (!script)
    throw InputOutputError::from_errno("cannot read " + file.string(), errno,
                                       "name a directory that --record has written");
  return script;
}

/// The next whole line; one without its newline was cut while it was written.
std::optional<std::string> next_line(std::ifstream& script) {
  std::string line;
  if (!std::getline(script, line) || script.eof()) return {};
  return line;
}

}  // namespace

ReplayOutcome replay(std::filesystem::path const& directory, std::optional<JobId> until,
                     std::function<void(std::string_view)> const& say) {
  auto const file = directory / "decisions";
  auto script = open_script(file);
  auto const first = next_line(script);
  if (!first)
    throw InputOutputError{file.string() + " is no recording", "it has not one whole line",
                           "name a directory that --record has written"};
  auto const header = parse_header(*first);
  Replay replay{header};
  ScriptReader reader;
  ReplayOutcome outcome{.policy = header.policy};
  while (!outcome.resolved && !outcome.difference) {
    auto const line = next_line(script);
    if (!line) break;
    auto const entry = reader.take(*line);
    if (!entry) continue;
    auto const step = replay.play(*entry);
    if (say)
      for (auto const& words : replay.explain(step, entry->at)) say(words);
    outcome.resolved = until && resolves(step, *until);
    if (auto const& found = replay.difference())
      outcome.difference = ReplayDifference{found->event, found->told, found->expected, found->got};
  }
  outcome.events = replay.events();
  outcome.cut = !outcome.resolved && !outcome.difference && !reader.ended();
  return outcome;
}

}  // namespace ballast
