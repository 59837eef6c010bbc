// Progress: how far the run is and how long it may still take, for people who wait.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "ballast/core/clock.hpp"
#include "monitor/console.hpp"
#include "schedule/event.hpp"
#include "schedule/step.hpp"

namespace ballast {

/// A bar on a terminal, else a line every ten seconds.
enum class ProgressLook { none, bar, lines };

/// Counts what the dispatcher is told and what it decides. Borrows the console.
class Progress {
 public:
  Progress(Console& console, ProgressLook look) : console_{console}, look_{look} {}
  ~Progress() { console_.show_bar(""); }
  Progress(Progress const&) = delete;
  Progress& operator=(Progress const&) = delete;

  void observe(Event const& event, Step const& step, Time now);
  /// Shows what there is to show, if it is time to.
  void tick(Time now);

 private:
  void count(Step const& step);
  [[nodiscard]] std::string sentence(Time now) const;

  Console& console_;
  ProgressLook look_;
  std::optional<Time> begun_;
  std::optional<Time> shown_;
  std::uint64_t found_{0};
  std::uint64_t earlier_{0};  // resolved by earlier starts of the run
  std::uint64_t solved_{0};
  std::uint64_t given_up_{0};
  std::uint64_t retries_{0};
  bool dataset_ended_{false};
};

}  // namespace ballast
