// Simulation: a run in virtual time, with the dispatcher that real runs have.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "ballast/core/clock.hpp"
#include "ballast/core/job.hpp"
#include "ballast/schedule/rules.hpp"
#include "ballast/sim/faults.hpp"
#include "ballast/sim/workload.hpp"

namespace ballast {

/// What messages cost. The numbers are those measured between two ranks on one machine, with payloads of a few bytes.
struct MessageModel {
  Duration latency{std::chrono::microseconds{20}};       ///< on the way
  Duration message_cost{std::chrono::microseconds{10}};  ///< of the Main Node's time, to send or to receive one
  Duration job_cost{std::chrono::microseconds{1}};       ///< the same for each job that is named in it
};

/// One attempt of a solver, for the timeline.
struct AttemptSpan {
  enum class End { solved, failed, cancelled, lost };

  NodeId node;
  SolverId solver;
  JobAttempt name;
  Duration begin{};  ///< since the run began
  Duration end{};
  End how{};
};

struct SimulationSetting {
  /// Whether the dispatcher is told before the run what the jobs cost.
  enum class Hints { off, on };
  /// Whether it is told how fast the nodes are, or has to find out.
  enum class Weights { measured, given };

  std::string policy{"auto"};
  Rules rules{};
  MessageModel messages{};
  Faults faults{};
  Duration lease{std::chrono::seconds{10}};  ///< how long after its last breath a lost node is missed
  Hints hints{Hints::off};
  Weights weights{Weights::measured};
  std::uint64_t seed{0};                               ///< of the attempts that fail
  std::function<void(AttemptSpan const&)> timeline{};  ///< told of each attempt when it has ended, if there is one
};

struct SimulationOutcome {
  Duration makespan{};
  Duration ideal{};
  std::uint64_t messages{};  ///< sent and received by the Main Node
  double idle{};             ///< share of the solvers' time, up to their node's loss, in which they computed nothing
  double main_node{};        ///< share of its time in which the Main Node was busy with messages
  std::uint64_t solved{};
  std::uint64_t given_up{};
  std::uint64_t retries{};    ///< attempts that failed and were followed by another one
  std::uint64_t copies{};     ///< attempts at a job that another node was at, too
  std::uint64_t moved{};      ///< jobs that one node gave back and another one got
  std::uint64_t most_held{};  ///< by one node at a time
};

/// The Main Node handles one message after the other: it receives it, asks the dispatcher, sends what that decides, in
/// one message to each node. A
/// node computes its jobs in the order in which they came, and reports each end together with the next start.
/// Throws UsageError for a policy or a fault that makes no sense, EngineError if the run cannot be finished.
[[nodiscard]] SimulationOutcome simulate(Workload const& workload, SimulationSetting const& setting);

}  // namespace ballast
