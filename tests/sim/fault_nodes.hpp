// Fault nodes: the computing nodes of a fault world, with their queues and solvers, that die, hang and return.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <set>
#include <variant>
#include <vector>

#include "schedule/event.hpp"
#include "schedule/job_queue.hpp"
#include "schedule/step.hpp"
#include "sim/fault_agenda.hpp"
#include "sim/fault_schedule.hpp"
#include "sim/fault_truth.hpp"

namespace ballast::testing {

inline constexpr Duration lease = std::chrono::milliseconds{200};

/// A node that has nothing to do with what it was before.
struct Hello {};
struct SignOfLife {};
struct Report {
  NodeId node;
  std::uint32_t birth{};  ///< which process of this node has sent it; whom orders are for
  std::variant<Hello, SignOfLife, Event> what;
};

/// Forget everything, and say hello.
struct StartAfresh {};
using Order = std::variant<Action, StartAfresh>;

class FaultNodes {
 public:
  FaultNodes(FaultAgenda& agenda, FaultSchedule const& schedule, std::uint32_t life, Start const& start,
             FaultTruth& truth, std::function<void(Report const&)> send);

  void obey(NodeId node, std::uint32_t birth, Order const& order);
  void die(NodeId node, std::optional<Duration> back_after);
  void hang(NodeId node, Duration lasting);
  void hang_all(Duration lasting);

 private:
  struct Solver {
    JobAttempt name;
    std::uint64_t turn{0};
    bool busy{false};
  };
  struct Node {
    NodeId id;
    bool alive{true};
    std::uint32_t birth{0};
    std::uint64_t turns{0};
    Time hung_until{};
    Time last_arrival{};  ///< messages of one node do not overtake each other
    JobQueue queue;
    std::vector<Solver> solvers;
  };

  void perform(Node& node, AssignJobs const& order);
  void perform(Node& node, RecallJobs const& order);
  void perform(Node& node, CancelJob const& order);
  void perform(Node& node, DismissNode const& order);
  void perform(Node& node, StartAfresh const& order);

  /// Does the node's work when it does not hang, if it is still the same process.
  void when_awake(NodeId node, std::uint32_t birth, std::function<void(Node&)> work);
  void later(Node const& node, Duration delay, std::function<void(Node&)> work);
  void give_signs(Node& node);
  void start_attempts(Node& node);
  void begin(Node& node, std::size_t solver, JobAttempt name);
  void end(Node& node, std::size_t solver, std::uint64_t turn, Duration runtime);
  void send(Node& node, std::variant<Hello, SignOfLife, Event> what);
  [[nodiscard]] Duration runtime(Node const& node, JobId job) const;
  [[nodiscard]] Node& at(NodeId id) { return nodes_.at(id.value() - 1); }

  FaultAgenda& agenda_;
  std::uint64_t seed_;
  std::uint32_t solvers_;
  FaultTruth& truth_;
  std::function<void(Report const&)> send_;
  std::vector<Node> nodes_;
  std::uint64_t sent_{0};
  std::map<std::uint64_t, Duration> repeated_;  // messages, by number
  std::map<JobId, std::uint32_t> failing_;
  std::map<JobId, std::uint32_t> slow_;
  std::set<JobId> killing_;
};

}  // namespace ballast::testing
