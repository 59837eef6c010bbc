// Script: what the dispatcher was told and what it decided, as lines of text, for a later replay. Pure: strings only.
//
//   ballast decisions 3, retries 2, prefetch auto, quota unlimited, speculation on, end -, delay -, shards 1, policy
//   guided 0 joined 1 4 -                            an event: nanoseconds since the first one, kind, what it says
//   2153000 found 20
//     assign 1 0+3.1 next 20 0 8              its step: facts, then actions, one per line, indented
//   9160000 solved 1 0.1 7000000              (job 0 in attempt 1; 0+3.1 are three jobs from 0 on in attempt 1)
//     accepted 1 0.1
//   end                                       without it the recording was cut, and its last event does not count
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "ballast/core/clock.hpp"
#include "ballast/schedule/rules.hpp"
#include "schedule/event.hpp"
#include "schedule/step.hpp"

namespace ballast {

/// How the dispatcher was made.
struct ScriptHeader {
  std::string policy;  ///< as make_policy() takes it
  Rules rules;
};

// Lines have no newline at their end.
[[nodiscard]] std::string line_of(ScriptHeader const& header);
/// `at` since the first event.
[[nodiscard]] std::string line_of(Event const& event, Time at);
/// Facts and actions as indented lines, each with its newline; two steps are the same if their texts are.
[[nodiscard]] std::string text_of(Step const& step);
inline constexpr std::string_view script_end = "end";

// Each throws InputOutputError for a line that makes no sense.
[[nodiscard]] ScriptHeader parse_header(std::string_view line);

struct TimedEvent {
  Event event;
  Time at;
};
[[nodiscard]] TimedEvent parse_event(std::string_view line);

/// One event with the step that it made, as text.
struct ScriptEntry {
  Event event;
  Time at;
  std::string line;
  std::string step;
};

/// Puts entries together from lines, the header aside.
class ScriptReader {
 public:
  /// The entry that this line shows to be whole, if it does. Throws InputOutputError.
  [[nodiscard]] std::optional<ScriptEntry> take(std::string_view line);
  /// Whether the recording's end has come; if it never does, the recording was cut.
  [[nodiscard]] bool ended() const { return ended_; }

 private:
  std::optional<ScriptEntry> current_;
  bool ended_{false};
};

}  // namespace ballast
