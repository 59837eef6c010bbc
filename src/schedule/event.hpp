// Event: what the world tells the dispatcher.
#pragma once

#include <cstdint>
#include <variant>

#include "ballast/core/clock.hpp"
#include "ballast/core/job.hpp"

namespace ballast {

/// A computing node can take jobs, `solvers` at a time.
struct NodeJoined {
  NodeId node;
  std::uint32_t solvers{1};
};

/// A computing node will not answer any more; what it held goes to others.
struct NodeLost {
  NodeId node;
};

/// Jobs 0 … count − 1 exist; there may be more.
struct JobsFound {
  std::uint64_t count{};
};

/// There are no jobs beyond those found.
struct DatasetEnded {};

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

using Event = std::variant<NodeJoined, NodeLost, JobsFound, DatasetEnded, SolutionArrived, FailureArrived>;

}  // namespace ballast
