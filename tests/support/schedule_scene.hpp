// Schedule scene: a dispatcher, a time that the test moves, and a record of who was assigned what.
#pragma once

#include <algorithm>
#include <deque>
#include <map>
#include <memory>
#include <vector>

#include "schedule/dispatcher.hpp"

namespace ballast {

inline constexpr NodeId node_1{1};
inline constexpr NodeId node_2{2};
inline constexpr NodeId node_3{3};

class ScheduleScene {
 public:
  explicit ScheduleScene(std::string_view policy, std::uint32_t nodes = 2, Rules rules = {})
      : dispatcher{policy, rules} {
    for (std::uint32_t i = 1; i <= nodes; ++i) play(NodeJoined{NodeId{i}});
  }

  Step play(Event const& event) {
    now += std::chrono::microseconds{1};
    auto step = dispatcher.on(event, now);
    for (auto const& action : step.actions)
      if (auto const* const assign = std::get_if<AssignJobs>(&action)) {
        chunks[assign->node].push_back(assign->runs);
        for (auto const& run : assign->runs)
          for (std::uint64_t i = 0; i < run.count; ++i)
            held[assign->node].push_back({JobId{run.first.value() + i}, run.attempt});
      }
    return step;
  }

  /// All jobs are there from the start.
  Step dataset(std::uint64_t jobs) {
    play(JobsFound{jobs});
    return play(DatasetEnded{});
  }
  Step solve(NodeId node, JobAttempt name, Duration runtime = std::chrono::milliseconds{100}) {
    forget(node, name);
    return play(SolutionArrived{node, name, runtime});
  }
  Step solve_next(NodeId node) { return solve(node, held[node].front()); }
  Step start(NodeId node, JobAttempt name) { return play(AttemptStarted{node, name}); }
  /// The node gives these back.
  Step release(NodeId node, std::vector<JobAttempt> const& names) {
    JobRuns runs;
    for (auto const& name : names) {
      forget(node, name);
      runs.push_back({name.job, 1, name.attempt});
    }
    return play(JobsReleased{node, runs});
  }
  Step fail(NodeId node, JobAttempt name) {
    forget(node, name);
    return play(FailureArrived{node, name});
  }
  Step fail_next(NodeId node) { return fail(node, held[node].front()); }
  Step lose(NodeId node) {
    held.erase(node);
    return play(NodeLost{node});
  }

  [[nodiscard]] std::vector<std::uint64_t> jobs_of(NodeId node) const {
    std::vector<std::uint64_t> jobs;
    for (auto const& runs : chunks.contains(node) ? chunks.at(node) : std::vector<JobRuns>{})
      for (auto const& run : runs)
        for (std::uint64_t i = 0; i < run.count; ++i) jobs.push_back(run.first.value() + i);
    return jobs;
  }

  Dispatcher dispatcher;
  Time now{};
  std::map<NodeId, std::vector<JobRuns>> chunks;  ///< all that was ever assigned
  std::map<NodeId, std::deque<JobAttempt>> held;  ///< what has not ended

 private:
  void forget(NodeId node, JobAttempt name) { std::erase(held[node], name); }
};

template <class Kind>
[[nodiscard]] bool has_fact(Step const& step) {
  return std::any_of(step.facts.begin(), step.facts.end(),
                     [](Fact const& fact) { return std::holds_alternative<Kind>(fact); });
}

template <class Kind>
[[nodiscard]] bool has_action(Step const& step) {
  return std::any_of(step.actions.begin(), step.actions.end(),
                     [](Action const& action) { return std::holds_alternative<Kind>(action); });
}

}  // namespace ballast
