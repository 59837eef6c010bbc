// Event: what the world tells the dispatcher.
#pragma once

#include <cstdint>
#include <optional>
#include <variant>
#include <vector>

#include "ballast/core/clock.hpp"
#include "ballast/core/job.hpp"
#include "schedule/job_run.hpp"

namespace ballast {

/// A computing node can take jobs, `solvers` at a time.
struct NodeJoined {
  NodeId node;
  std::uint32_t solvers{1};
  std::optional<double> weight{};       ///< its speed relative to others', if that was given; > 0
  std::vector<std::uint32_t> shards{};  ///< of which it can take jobs, ascending; if there is only one, this is empty
};

/// A computing node will not answer any more; what it held goes to others.
struct NodeLost {
  NodeId node;
};

/// A computing node begins anew, by nobody's fault: what it held goes to others. It will join again, or is lost.
struct NodeLeft {
  NodeId node;
};

/// What the jobs are expected to cost, by id, in any unit: hints. Comes before the first JobsFound, if at all.
struct CostsExpected {
  std::vector<double> costs;
};

/// Jobs of an earlier run of which nothing is left to do. In order, disjoint, and before the first JobsFound.
struct JobsResolved {
  std::vector<JobSpan> spans;
};

/// Jobs 0 … count − 1 exist; there may be more.
struct JobsFound {
  std::uint64_t count{};
};

/// There are no jobs beyond those found.
struct DatasetEnded {};

/// A solver has begun with an attempt.
struct AttemptStarted {
  NodeId node;
  JobAttempt name;
};

/// An attempt has ended with a solution.
struct SolutionArrived {
  NodeId node;
  JobAttempt name;
  Duration runtime{};
};

/// An attempt has ended without one.
struct FailureArrived {
  NodeId node;
  JobAttempt name;
};

/// The answer to RecallJobs: the node gives these back, and will not start them. Possibly none.
struct JobsReleased {
  NodeId node;
  JobRuns runs;
};

/// What it costs the Main Node to send or receive one message, as measured by now.
struct MessageCostMeasured {
  Duration cost{};
};

/// No job is assigned until AssignmentResumed: it may be that the run is about to end.
struct AssignmentPaused {};
struct AssignmentResumed {};

/// The run is to end early, and for good: no job is assigned from now on, what has not been started is asked back, and
/// what has been started may end.
struct DrainBegan {};

/// Nothing has happened up to the time that Dispatcher::alarm() asked for.
struct TimePassed {};

using Event = std::variant<NodeJoined, NodeLost, NodeLeft, CostsExpected, JobsResolved, JobsFound, DatasetEnded,
                           AttemptStarted, SolutionArrived, FailureArrived, JobsReleased, MessageCostMeasured,
                           AssignmentPaused, AssignmentResumed, DrainBegan, TimePassed>;

}  // namespace ballast
