// Timeline: who computed what, and when, as CSV.
#pragma once

#include <fstream>
#include <functional>
#include <string>

#include <ballast/sim/simulation.hpp>

namespace app {

/// Writes each attempt of each policy to a file, or nowhere if none was opened.
class Timeline {
 public:
  Timeline() = default;
  Timeline(Timeline const&) = delete;
  Timeline& operator=(Timeline const&) = delete;

  /// Does nothing without a path. Throws InputOutputError.
  void open(std::string const& path);
  /// Where to tell of the attempts under this policy; empty if nobody wants to know. Borrows the timeline.
  [[nodiscard]] std::function<void(ballast::AttemptSpan const&)> of(std::string policy);
  /// Throws InputOutputError if not all could be written.
  void close();

 private:
  void write(std::string const& policy, ballast::AttemptSpan const& span);
  void check() const;

  std::string path_;
  std::ofstream file_;
};

}  // namespace app
