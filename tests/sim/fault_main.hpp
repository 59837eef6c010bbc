// Fault main: one life of the Main Node of a fault world, around the real dispatcher, leases and journal.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <variant>
#include <vector>

#include "journal/history.hpp"
#include "journal/journal.hpp"
#include "schedule/dispatcher.hpp"
#include "schedule/leases.hpp"
#include "sim/fault_nodes.hpp"

namespace ballast::testing {

/// The glue is that of the engine: what is accepted is written, what is written is synced in groups, and what is synced
/// is joined. Throws Broken where it sees what must never be.
class FaultMain {
 public:
  using Send = std::function<void(NodeId node, std::uint32_t birth, Order const& order)>;
  FaultMain(FaultAgenda& agenda, FaultSchedule const& schedule, Start const& start, Storage& disk, FaultTruth& truth,
            Send send);

  void begin();
  /// Messages of one node come in the order in which they were sent, also when they had to wait.
  void hear(Report const& report);
  /// A wish that waits like a message.
  void ask(Event const& event);
  /// It does nothing for a while; its mail waits.
  void stall(Duration lasting);

  enum class End { none, finished, drained, stranded };
  [[nodiscard]] End end() const { return end_; }
  /// Each job was joined once or given up, not both.
  void check_result() const;

 private:
  struct Peer {
    std::uint32_t birth{0};
    enum class Place { on_roster, lost, asked_to_start_afresh, dismissed } place{Place::on_roster};
    Duration heard{};         ///< when, not counting the time of stalls
    std::uint64_t stalls{0};  ///< by then
  };

  void tell(Event const& event);
  void read_journal_and_go_on();
  void find_jobs();
  void receive(std::variant<Report, Event> what);
  void read_inbox();
  void take(Report const& report);
  void join_node(NodeId node);
  void lose_node(NodeId node);
  void poll();
  void check_lapse(Peer const& peer) const;
  void mind_alarm();
  /// Does work that is due every so often, unless stalled.
  void when_awake(std::function<void()> work);
  void note(Fact const& fact);
  void act(Action const& action);
  void write(Record const& record, JobId job);
  void check_given_up(JobGivenUp const& fact) const;
  void sync();
  void deliver();
  [[nodiscard]] Duration attentive() const;

  FaultAgenda& agenda_;
  Start const& start_;
  std::uint64_t jobs_;
  std::uint64_t seed_;
  Storage& disk_;
  FaultTruth& truth_;
  Send send_;
  Dispatcher dispatcher_;
  Leases leases_{lease};
  std::optional<JournalWriter> journal_;
  History history_;
  std::map<NodeId, Peer> peers_;
  std::vector<Record> written_;  // not durable yet
  bool sync_planned_{false};
  std::map<JobId, int> joined_;  // how often
  std::set<JobId> given_up_;
  std::deque<std::variant<Report, Event>> inbox_;
  Time stalled_until_{};
  Duration stalled_{};
  std::uint64_t stalls_{0};
  Time alarm_{};
  bool draining_{false};
  End end_{End::none};
};

}  // namespace ballast::testing
