// Balance: when nodes are idle and nothing is left to assign, what should be moved or copied to them.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "ballast/core/clock.hpp"
#include "ballast/core/job.hpp"
#include "schedule/ledger.hpp"

namespace ballast {

/// A node with solvers that have nothing to do.
struct IdleNode {
  NodeId id;
  std::uint32_t solvers{};
  std::uint64_t free{};  ///< solvers without a job; ≥ 1
  Duration job{};        ///< how long an average job may take there
};

/// A node that holds jobs which it has not started.
struct LadenNode {
  NodeId id;
  std::uint32_t solvers{};
  std::uint64_t unstarted{};
  Duration job{};
  Duration wait{};  ///< until a solver may be free for them
};

/// How much longer an attempt may take: up to what jobs take, and then for as long again as it has taken (its node may
/// just be slow).
[[nodiscard]] Duration expected_rest(Duration elapsed, Duration job);

/// An attempt that has started, and is the only one of its job.
struct Straggler {
  Holder holder;
  Duration elapsed{};
  Duration job{};                ///< how long this job may take on its node
  std::optional<double> cost{};  ///< of the job in those of an average one, if costs are known
};

struct PlannedRecall {
  NodeId from;
  std::uint64_t count{};
};

struct PlannedCopy {
  Holder holder;
  NodeId to;
};

/// Jobs to take back, one by one from the node that would end last, as long as an idle one would end them sooner;
/// `delay` is what moving a job takes.
[[nodiscard]] std::vector<PlannedRecall> plan_recalls(std::vector<LadenNode> const& laden,
                                                      std::vector<IdleNode> const& idle, Duration delay);

/// Attempts to copy, the one that may take longest to the fastest node, where the copy may well end first. `hung` is a
/// time that no job should take: what has run longer is copied in any case.
[[nodiscard]] std::vector<PlannedCopy> plan_copies(std::vector<Straggler> const& stragglers,
                                                   std::vector<IdleNode> const& idle, Duration delay, Duration hung);

}  // namespace ballast
