// Fleet: the simulated computing nodes with their queues and solvers.
#pragma once

#include <cstdint>
#include <vector>

#include "ballast/sim/simulation.hpp"
#include "schedule/job_queue.hpp"
#include "sim/agenda.hpp"
#include "sim/mail.hpp"

namespace ballast {

/// Takes orders and writes reports. Borrows all that it is made of.
class Fleet {
 public:
  Fleet(Workload const& workload, SimulationSetting const& setting, Agenda& agenda, Mail& mail);

  void obey(NodeId node, Action const& order, Time now);
  /// The end of a solver's attempt, unless that was cancelled meanwhile.
  void end_attempt(Happening const& happening);
  /// It computes no more and says nothing.
  void kill(NodeId node, Time now);
  /// The run is over; who still computes is stopped.
  void stop(Time now);

  [[nodiscard]] std::uint64_t most_held() const { return most_held_; }
  /// Share of the solvers' time in which they computed nothing, up to `end` or their node's death.
  [[nodiscard]] double idle_share(Time end) const;

 private:
  struct Solver {
    JobAttempt name;
    Time begin{};
    Time end{};
    std::uint32_t turn{0};
    bool computing{false};
  };
  struct Node {
    JobQueue queue;
    std::vector<Solver> solvers;
    std::uint32_t computing{0};
    bool dead{false};
    Time died{};
  };

  void obey(NodeId id, AssignJobs const& order, Time now);
  void obey(NodeId id, RecallJobs const& order, Time now);
  void obey(NodeId id, CancelJob const& order, Time now);
  void obey(NodeId, DismissNode const&, Time) {}

  /// Gives idle solvers what is in the queue.
  void start_attempts(NodeId id, Time now, NodeReport& report);
  void start(NodeId id, std::uint32_t solver, JobAttempt name, Time now);
  /// Books the time that the solver has computed, and frees it.
  void free(NodeId id, std::uint32_t solver, Time now, AttemptSpan::End how);
  [[nodiscard]] Node& node(NodeId id) { return nodes_[id.value() - 1]; }
  [[nodiscard]] bool fails(JobAttempt name) const;

  Workload const& workload_;
  SimulationSetting const& setting_;
  Agenda& agenda_;
  Mail& mail_;
  std::vector<Node> nodes_;
  Duration computed_{};
  std::uint64_t most_held_{0};
};

}  // namespace ballast
