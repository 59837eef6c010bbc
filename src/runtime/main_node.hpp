// Main Node: splits, hands out, gathers and joins; the engine's loop around the dispatcher.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "ballast/problem/problem.hpp"
#include "ballast/runtime/options.hpp"
#include "ballast/runtime/report.hpp"
#include "monitor/console.hpp"
#include "monitor/progress.hpp"
#include "monitor/recorder.hpp"
#include "runtime/exchange.hpp"
#include "runtime/failure_log.hpp"
#include "runtime/interruption.hpp"
#include "runtime/job_feed.hpp"
#include "runtime/join_desk.hpp"
#include "runtime/message_meter.hpp"
#include "runtime/patience.hpp"
#include "runtime/time_limit.hpp"
#include "schedule/dispatcher.hpp"

namespace ballast {

/// What happens beside the Main Node in its process: with one rank, its own computing node.
struct Companion {
  std::function<bool()> step;          ///< true if anything happened
  std::function<void(Duration)> rest;  ///< sleeps, at most so long
};

struct MainSetting {
  RunId run;
  std::vector<NodeId> nodes;
  std::vector<std::string> arguments;  ///< of this rank's command line
  Spin spin{};
};

class MainNode {
 public:
  /// Everything is borrowed and must outlive the run.
  MainNode(Wire& wire, Companion companion, Console& console, Interruption const& interruption, MainSetting setting,
           RunOptions const& options);

  /// Runs the problem to its end. What goes wrong is told to the console and is the outcome.
  [[nodiscard]] RunReport run(Problem& problem);
  /// Ends the run that the computing nodes expect, with this outcome.
  void end(ExitCode outcome);
  /// Whether the threads that split and join have ended; if not, the process cannot go on.
  [[nodiscard]] bool at_rest();

 private:
  void fail(std::string_view why);
  void call_the_roll();
  void judge(std::vector<std::pair<NodeId, Refused>> const& refusals, std::size_t nodes);
  void expect_costs(Problem& problem);
  void work();
  [[nodiscard]] bool turn(Time now);

  bool look_for_jobs(Time now);
  bool take_mail(Time now);
  bool take_releases(Time now);
  void take(NodeId from, Report&& report, Time now);
  void take(NodeId from, Broken const& broken, Time now);
  void take_news(NodeId from, Started const& news, Time now);
  void take_news(NodeId from, Piece const& news, Time now);
  void take_news(NodeId from, Solved&& news, Time now);
  void take_news(NodeId from, Failed&& news, Time now);

  Step decide(Event const& event, Time now);
  void act(AssignJobs const& action);
  void act(RecallJobs const& action);
  void act(CancelJob const& action);
  void act(DismissNode const& action);
  void conclude(Fact const& fact);
  bool mind_alarm(Time now);
  void measure_messages(Time begun, std::uint64_t messages);
  [[nodiscard]] Duration nap(Time now) const;
  void wait_for_mail(Time now);
  void check_interruption() const;

  Exchange exchange_;
  Companion companion_;
  Console& console_;
  Interruption const& interruption_;
  MainSetting setting_;
  RunOptions const& options_;

  Dispatcher dispatcher_;
  Progress progress_;
  std::optional<Recorder> recorder_;
  Patience patience_;
  MessageMeter meter_;
  TimeLimit time_limit_;
  FailureLog failures_;
  std::unique_ptr<JobFeed> feed_;
  std::unique_ptr<JoinDesk> desk_;
  JobFeed::Found found_;
  bool all_resolved_{false};
  RunReport report_;
};

}  // namespace ballast
