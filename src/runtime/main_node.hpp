// Main Node: splits, hands out, gathers and joins; the engine's loop around the dispatcher.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "ballast/problem/problem.hpp"
#include "ballast/runtime/options.hpp"
#include "ballast/runtime/report.hpp"
#include "monitor/console.hpp"
#include "monitor/progress.hpp"
#include "monitor/recorder.hpp"
#include "runtime/delivery.hpp"
#include "runtime/exchange.hpp"
#include "runtime/failure_log.hpp"
#include "runtime/interruption.hpp"
#include "runtime/job_feed.hpp"
#include "runtime/join_desk.hpp"
#include "runtime/main_setting.hpp"
#include "runtime/message_meter.hpp"
#include "runtime/patience.hpp"
#include "runtime/run_directory.hpp"
#include "runtime/stopping.hpp"
#include "runtime/time_limit.hpp"
#include "schedule/dispatcher.hpp"
#include "schedule/leases.hpp"
#include "schedule/placement.hpp"

namespace ballast {

class MainNode {
 public:
  /// Everything is borrowed and must outlive the run.
  MainNode(Wire& wire, Companion companion, Console& console, Interruption const& interruption, MainSetting setting,
           RunOptions const& options);

  /// Runs the problem to its end. What goes wrong is told to the console and is the outcome.
  [[nodiscard]] RunReport run(Problem& problem);
  /// Ends the run that the computing nodes expect, with this outcome. False if a node was lost and may still be there.
  [[nodiscard]] bool end(ExitCode outcome);
  /// The nodes that were lost and have not come back.
  [[nodiscard]] std::vector<NodeId> lost() const;
  /// Whether the threads that split and join have ended; if not, the process cannot go on.
  [[nodiscard]] bool at_rest();

 private:
  void fail(std::string_view why);
  void prepare(Problem& problem);
  void offer(std::vector<std::shared_ptr<Payload const>> state);
  [[nodiscard]] Splitter split(Problem& problem) const;
  void expect_costs(Problem& problem);
  void leave_out(std::vector<JobSpan> const& skipped);
  void resume();
  void finish();
  void work();
  [[nodiscard]] bool turn(Time now);

  // Who is here (main_node_attendance.cpp).
  struct Refusals {
    std::vector<std::pair<NodeId, Refused>> said;
    std::vector<NodeId> lost{};
  };
  [[nodiscard]] Begin begin(NodeId node) const;
  /// Of which shard this part of the state is.
  [[nodiscard]] std::optional<std::uint32_t> shard_of_part(std::size_t part) const;
  void call_the_roll();
  void mind_patience(Leases& patience, std::set<NodeId>& awaited, Refusals& refusals, Time now);
  void supply(NodeId node, Needs const& needs, Time now);
  void answered(NodeId from, Message const& answer, Refusals& refusals, Time now);
  void judge(Refusals const& refusals);
  void join(NodeId from, Ready const& ready, Time now);
  void begin_anew(NodeId node, Time now);
  void wait_for_beginning(NodeId node, Time now);
  void let_go(NodeId from, Refused const& refused, Time now);
  void mind_leases(Time now);
  void lose(std::vector<NodeId> const& nodes, Time now);
  void part_with(std::vector<NodeId> const& nodes, Time now);
  void move_shards(std::vector<NodeId> const& from, Time now);
  void reassure(Time now);

  // How it ends early (main_node_stopping.cpp).
  void mind_stopping(Time now);
  void stop(StopOrder&& order, Time now);
  [[nodiscard]] bool stopped(Time now) const;
  void conclude_stopped();
  /// Whether what is solved need not be solved again if the run ends early.
  [[nodiscard]] bool keeps_solutions() const;
  void join_what_is_there(bool halted);
  void keep_what_is_done();
  void check_interruption() const;
  [[noreturn]] void end_early(std::string_view reason, ExitCode outcome) const;
  [[nodiscard]] std::string resumed_by() const;
  void take_back(Record&& record);

  bool look_for_jobs(Time now);
  bool take_mail(Time now);
  void take(Exchange::Arrival&& arrival, Time now);
  bool take_releases(Time now);
  void take(NodeId from, Report&& report, Time now);
  void take(NodeId from, Broken const& broken, Time now);
  void take_news(NodeId from, Started const& news, Time now);
  void take_news(NodeId from, Piece const& news, Time now);
  void take_news(NodeId from, Solved&& news, Time now);
  void take_news(NodeId from, Failed&& news, Time now);

  void give_up(JobGivenUp const& fact, Failed&& last);
  [[nodiscard]] std::string_view host_of(NodeId node) const;
  void limit_attempts(std::optional<Duration> limit);

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
  [[nodiscard]] Tally tally() const;

  Exchange exchange_;
  Companion companion_;
  Console& console_;
  Interruption const& interruption_;
  MainSetting setting_;
  RunOptions const& options_;

  std::optional<RunDirectory> directory_;
  Problem* problem_{};
  std::vector<std::shared_ptr<Payload const>> state_;
  std::vector<StatePart> state_parts_;
  Dispatcher dispatcher_;
  Placement placement_;
  Leases leases_;
  Leases beginning_;               // of those that begin anew, and have answered
  std::vector<NodeId> dismissed_;  // whose shards are still to be moved
  std::vector<NodeId> inside_;     // nodes that solve in the rank, and cannot answer meanwhile
  std::map<NodeId, std::string> hosts_;
  Progress progress_;
  std::optional<Recorder> recorder_;
  Patience patience_;
  MessageMeter meter_;
  TimeLimit time_limit_;
  std::optional<Duration> attempt_limit_;  // as the nodes know it
  FailureLog failures_;
  std::unique_ptr<JobFeed> feed_;
  std::unique_ptr<JoinDesk> desk_;
  std::unique_ptr<Delivery> delivery_;
  std::optional<Stopping> stopping_;
  std::optional<StopOrder> stop_order_;
  Time stop_until_{};
  bool on_hold_{false};
  bool drained_{false};
  bool stranded_{false};
  JobFeed::Found found_;
  std::uint64_t skipped_{0};
  bool all_resolved_{false};
  RunReport report_;
};

}  // namespace ballast
