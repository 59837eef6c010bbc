// Replay: a recorded run decided again by the dispatcher as it is now, without MPI and without its jobs.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "ballast/core/id.hpp"

namespace ballast {

/// Where the dispatcher decides otherwise than it did when the run was recorded.
struct ReplayDifference {
  std::uint64_t event{};  ///< counts from 1
  std::string told;       ///< the event, as recorded
  std::string expected;   ///< the recorded decisions, one per line
  std::string got;
};

struct ReplayOutcome {
  std::string policy;      ///< of the recorded run
  std::uint64_t events{};  ///< that were replayed
  bool cut{false};         ///< the recording ends in the middle of the run: it was killed, or its disk was full
  bool resolved{false};    ///< the job that was asked for is solved or given up at the end
  std::optional<ReplayDifference> difference{};  ///< the replay ends here
};

/// Plays DIR/decisions, as `--record DIR` wrote it. With `until`, only to the event that resolves this job. `say` is
/// given each decision that was made about assignments, with its reason, in one readable line.
/// Throws InputOutputError if the file is missing or is no recording.
ReplayOutcome replay(std::filesystem::path const& directory, std::optional<JobId> until = {},
                     std::function<void(std::string_view)> const& say = {});

}  // namespace ballast
