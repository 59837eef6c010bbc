// Replay: a recorded script played again to a fresh dispatcher, which must decide the same; and its decisions in words.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "schedule/dispatcher.hpp"
#include "schedule/script.hpp"

namespace ballast {

class Replay {
 public:
  /// Throws UsageError if there is no such policy any more.
  explicit Replay(ScriptHeader const& header);

  struct Difference {
    std::uint64_t event{};  ///< counts from 1
    std::string told;       ///< the event, as its line
    std::string expected;   ///< the recorded step
    std::string got;
  };
  /// Plays the next event; returns the dispatcher's step.
  [[nodiscard]] Step play(ScriptEntry const& entry);
  /// Where the dispatcher has first decided otherwise than the recording says.
  [[nodiscard]] std::optional<Difference> const& difference() const { return difference_; }
  [[nodiscard]] std::uint64_t events() const { return events_; }

  /// What the step decides about assignments, and why, one readable line each:
  /// `0.002153 s  node 3 gets jobs 17-28: next 12 of 341 unassigned by guided; it held 1 of 2`.
  [[nodiscard]] std::vector<std::string> explain(Step const& step, Time at) const;

 private:
  std::string policy_;
  Dispatcher dispatcher_;
  std::uint64_t events_{0};
  std::optional<Difference> difference_;
};

/// Whether the step solves the job or gives it up.
[[nodiscard]] bool resolves(Step const& step, JobId job);

}  // namespace ballast
