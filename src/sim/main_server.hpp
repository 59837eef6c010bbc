// Main server: the simulated Main Node; the real dispatcher, and the time that its messages take.
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <vector>

#include "ballast/sim/simulation.hpp"
#include "schedule/dispatcher.hpp"
#include "sim/mail.hpp"

namespace ballast {

/// One server with one queue. What arrives is handled in the order of arrival, so its turn is known when it arrives: as
/// soon as all that came before is done. Nothing later can change that; no inbox is needed.
class MainServer {
 public:
  MainServer(Workload const& workload, SimulationSetting const& setting, Mail& mail);

  /// The nodes are there, the jobs are found.
  void begin();
  void receive(NodeReport const& report, Time now);
  void miss(NodeId node, Time now);
  /// When the dispatcher wants to be woken, if nothing arrives up to then.
  [[nodiscard]] std::optional<Time> alarm() const;
  void wake(Time now);

  [[nodiscard]] bool finished() const { return makespan_.has_value(); }
  /// Throws EngineError: nothing will happen any more, and the run is not finished.
  [[noreturn]] void refuse_standstill() const;
  /// Checks that each job was solved or given up once.
  [[nodiscard]] SimulationOutcome outcome() const;

 private:
  void tell(Event const& event);
  enum class Frame { own, shared };
  void send(Action&& action, Frame frame);
  void spend(std::uint64_t jobs);
  void spend_on_jobs(std::uint64_t jobs);
  void note(Fact const& fact);
  void resolve(JobId job);

  Workload const& workload_;
  SimulationSetting const& setting_;
  Mail& mail_;
  Dispatcher dispatcher_;
  Time free_at_{};                   // when all that has arrived is done
  std::optional<Time> last_wake_{};  // an alarm that still rings after that has nothing new to say
  Duration busy_{};
  std::set<NodeId> dismissed_;
  std::vector<std::uint8_t> resolved_;  // by job: how often
  std::optional<Duration> makespan_{};
  SimulationOutcome counts_{};
};

}  // namespace ballast
