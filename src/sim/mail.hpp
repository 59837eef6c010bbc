// Mail: the messages between the Main Node and the computing nodes that are on their way.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <vector>

#include "schedule/event.hpp"
#include "schedule/step.hpp"
#include "sim/agenda.hpp"

namespace ballast {

/// What a computing node tells the Main Node in one message.
struct NodeReport {
  struct Ended {
    JobAttempt name;
    Duration runtime{};
    bool solved{};
  };

  NodeId node;
  std::optional<Ended> ended{};
  std::vector<JobAttempt> started{};
  std::optional<JobRuns> released{};

  [[nodiscard]] bool has_news() const { return ended || !started.empty() || released; }
};

/// Values at places that are used again, so that a million messages need the memory of those in flight.
template <class Value>
class Slots {
 public:
  [[nodiscard]] std::uint32_t put(Value&& value) {
    if (free_.empty()) {
      values_.push_back(std::move(value));
      return static_cast<std::uint32_t>(values_.size() - 1);
    }
    auto const slot = free_.back();
    free_.pop_back();
    values_[slot] = std::move(value);
    return slot;
  }
  [[nodiscard]] Value take(std::uint32_t slot) {
    free_.push_back(slot);
    return std::move(values_[slot]);
  }

 private:
  std::deque<Value> values_;
  std::vector<std::uint32_t> free_;
};

/// Messages arrive in the order of the agenda, one latency after they left.
class Mail {
 public:
  Mail(Agenda& agenda, Duration latency) : agenda_{agenda}, latency_{latency} {}

  void send_order(NodeId node, Action&& action, Time leaves) {
    post(Happening::Kind::order_arrives, node, orders_.put(std::move(action)), leaves);
  }
  void send_report(NodeReport&& report, Time leaves) {
    auto const node = report.node;
    post(Happening::Kind::report_arrives, node, reports_.put(std::move(report)), leaves);
  }
  [[nodiscard]] Action take_order(std::uint32_t slot) { return orders_.take(slot); }
  [[nodiscard]] NodeReport take_report(std::uint32_t slot) { return reports_.take(slot); }

 private:
  void post(Happening::Kind kind, NodeId node, std::uint32_t slot, Time leaves) {
    agenda_.add({.at = leaves + latency_, .kind = kind, .node = node, .slot = slot});
  }

  Agenda& agenda_;
  Duration latency_;
  Slots<Action> orders_;
  Slots<NodeReport> reports_;
};

}  // namespace ballast
