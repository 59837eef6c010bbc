// Fault schedule: all that goes wrong in one simulated run and its restarts, as a list that can be shortened.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "ballast/core/clock.hpp"
#include "ballast/core/id.hpp"

namespace ballast::testing {

/// One life of the Main Node: how it was started.
struct Start {
  std::string policy{"self"};
  std::uint32_t nodes{2};
  std::uint32_t solvers{1};
  std::uint32_t retries{2};
  std::optional<std::uint32_t> prefetch{};
  std::optional<Duration> end{};  ///< Rules::end
  bool speculation{true};
  bool costs{false};   ///< are known
  bool revive{false};  ///< `--resume-failed`
  bool stream{false};  ///< half of the jobs are found later
  std::uint64_t quota{UINT64_MAX};
};

// What happens in a life, `at` since it began …
struct NodeDies {
  std::uint32_t life;
  Duration at;
  NodeId node;
  std::optional<Duration> back_after;
};
struct NodeHangs {
  std::uint32_t life;
  Duration at;
  NodeId node;
  Duration lasting;
};
/// The Main Node does not poll.
struct MainStalls {
  std::uint32_t life;
  Duration at;
  Duration lasting;
};
/// Nobody does anything: the whole job was stopped.
struct AllStall {
  std::uint32_t life;
  Duration at;
  Duration lasting;
};
/// The machine goes down; of the unsynced bytes, so many per mille stay.
struct MainDies {
  std::uint32_t life;
  Duration at;
  std::uint32_t kept;
};
struct DrainAsked {
  std::uint32_t life;
  Duration at;
};
struct PauseAsked {
  std::uint32_t life;
  Duration at;
  Duration lasting;
};
/// The n-th message to the Main Node comes a second time.
struct NewsRepeated {
  std::uint32_t life;
  std::uint64_t number;
  Duration later;
};
// … and what is wrong with a job, in every life.
struct JobFails {
  JobId job;
  std::uint32_t times;  ///< in each life
};
struct JobKills {
  JobId job;
};
struct JobIsSlow {
  JobId job;
  std::uint32_t factor;
};
using Mishap = std::variant<NodeDies, NodeHangs, MainStalls, AllStall, MainDies, DrainAsked, PauseAsked, NewsRepeated,
                            JobFails, JobKills, JobIsSlow>;

struct FaultSchedule {
  std::uint64_t seed{};  ///< of what is no mishap: latencies, job times
  std::uint64_t jobs{};
  std::vector<Start> starts;  ///< after these, a calm one
  std::vector<Mishap> mishaps;
};

[[nodiscard]] FaultSchedule draw_schedule(std::uint64_t seed);
/// One line for each start and mishap.
[[nodiscard]] std::string text_of(FaultSchedule const& schedule);
/// The schedule without all that `fails` does not need.
[[nodiscard]] FaultSchedule shrink(FaultSchedule schedule, std::function<bool(FaultSchedule const&)> const& fails);

}  // namespace ballast::testing
