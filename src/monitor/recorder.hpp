// Recorder: writes down what the dispatcher was told and what it decided, for a later replay.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "ballast/core/clock.hpp"
#include "core/descriptor.hpp"
#include "monitor/console.hpp"
#include "schedule/event.hpp"
#include "schedule/script.hpp"
#include "schedule/step.hpp"

namespace ballast {

/// A recording that cannot go on (the disk is full) ends with one warning; the run does not care. Borrows the console.
class Recorder {
 public:
  /// Begins DIR/decisions; makes DIR if it is not there. Throws InputOutputError if it cannot be made, or the file is
  /// there already.
  Recorder(std::filesystem::path const& directory, ScriptHeader const& header, Console& console);

  void observe(Event const& event, Step const& step, Time now);
  /// The run is over: what is left is written, and the recording is whole. Without it the recording counts as cut.
  void close();

 private:
  void write();

  Console& console_;
  std::filesystem::path file_;
  Descriptor descriptor_;  // none once the recording has ended
  std::string buffer_;
  std::optional<Time> begun_;
};

}  // namespace ballast
