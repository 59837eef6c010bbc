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

/// The attempt has failed or was lost with its node, and it was the last one.
struct JobGivenUp {
  NodeId node;
  JobAttempt name;
  std::uint32_t failures{};
  std::uint32_t losses{};  ///< nodes that were lost while they ran the job
};

/// Every job is solved or given up.
struct RunFinished {
  Duration makespan{};  ///< since the first event
};

/// Jobs are left, but no node that could solve them.
struct RunStranded {
  std::uint64_t unresolved{};
};

/// The run ends early: no node holds a job, and none will be assigned any more.
struct RunDrained {
  std::uint64_t unresolved{};  ///< of the jobs found
};

using Fact =
    std::variant<SolutionAccepted, NewsDropped, RetryPlanned, JobGivenUp, RunFinished, RunStranded, RunDrained>;

/// Why a node is assigned jobs: the next ones of the pool, in the policy's measure …
struct NextChunk {
  std::uint64_t unassigned{};  ///< R before it
  std::uint64_t held{};        ///< by the node before it
  std::uint64_t room{};        ///< what the node may hold in all
};
/// … jobs that have to be tried again …
struct AnotherTry {};
/// … jobs that another node had not started, and gave back …
struct Moved {};
/// … jobs that would have taken another node beyond the run's end …
struct PutAside {};
/// … or a straggler, to see who is first.
struct SecondCopy {
  NodeId of;
};
using Reason = std::variant<NextChunk, AnotherTry, Moved, PutAside, SecondCopy>;

/// Send these jobs to the node: one chunk.
struct AssignJobs {
  NodeId node;
  JobRuns runs;
  Reason reason;
};

/// Ask the node to give back up to `count` jobs that it has not started, the last ones first. It answers JobsReleased.
struct RecallJobs {
  NodeId node;
  std::uint64_t count{};
};

/// The node need not go on with this attempt, which is lost to another copy.
struct CancelJob {
  NodeId node;
  JobAttempt name;
};

/// The node has done its share and gets no more jobs.
struct DismissNode {
  NodeId node;
};

using Action = std::variant<AssignJobs, RecallJobs, CancelJob, DismissNode>;

struct Step {
  std::vector<Fact> facts;
  std::vector<Action> actions;
};

}  // namespace ballast
