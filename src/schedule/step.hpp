// Step: one decision of the dispatcher as a value: the facts that became true, and the actions to take.
#pragma once

#include <cstdint>
#include <variant>
#include <vector>

#include "ballast/core/clock.hpp"
#include "ballast/core/job.hpp"
#include "schedule/job_run.hpp"

namespace ballast {

/// This attempt's solution is the one that counts. True once per job.
struct SolutionAccepted {
  NodeId node;
  JobAttempt name;
};

/// A solution or failure came too late or twice, and changes nothing.
struct NewsDropped {
  NodeId node;
  JobAttempt name;
};

/// The attempt has failed, and the job will be tried again.
struct RetryPlanned {
  NodeId node;
  JobAttempt name;
};

/// The attempt has failed, and it was the last one.
struct JobGivenUp {
  NodeId node;
  JobAttempt name;
  std::uint32_t failures{};
};

/// Every job is solved or given up.
struct RunFinished {
  Duration makespan{};  ///< since the first event
};

/// Jobs are left, but no node that could solve them.
struct RunStranded {
  std::uint64_t unresolved{};
};

using Fact = std::variant<SolutionAccepted, NewsDropped, RetryPlanned, JobGivenUp, RunFinished, RunStranded>;

/// Send these jobs to the node: one chunk.
struct AssignJobs {
  NodeId node;
  JobRuns runs;
};

/// The node has done its share and gets no more jobs.
struct DismissNode {
  NodeId node;
};

using Action = std::variant<AssignJobs, DismissNode>;

struct Step {
  std::vector<Fact> facts;
  std::vector<Action> actions;
};

}  // namespace ballast
