// Outbox: what the Main Node still has to send to one computing node.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "ballast/core/job.hpp"
#include "schedule/job_queue.hpp"
#include "transport/protocol.hpp"

namespace ballast {

/// Jobs are named when they are assigned and loaded when there is room for them in the node's queue: what waits here
/// costs a few words, what is on its way at most the window (or one job).
class Outbox {
 public:
  using Load = std::function<Payload(JobId)>;

  void add(Message message) { messages_.push_back(std::move(message)); }
  void assign(JobRuns const& runs) { queue_.push(runs); }

  /// Sends this part of the run's state, after those that were given before, and before jobs.
  void supply(std::uint32_t part, std::shared_ptr<Payload const> bytes) { supplies_.push_back({part, bytes, 0}); }
  /// Whether parts of the state are still to be sent.
  [[nodiscard]] bool supplying() const { return !supplies_.empty(); }

  /// Takes back up to `count` jobs that are not on their way yet, the last ones first; in the order of assignment.
  [[nodiscard]] JobRuns recall(std::uint64_t count) { return queue_.release(count); }
  /// Forgets one job that is not on its way yet; false if it is not here.
  [[nodiscard]] bool drop(JobAttempt name) { return queue_.drop(name); }

  /// Jobs of so many queue_bytes() have left the node's queue by now.
  void taken(std::uint64_t bytes) { taken_ = bytes; }
  /// Forgets jobs that are not sent yet.
  void clear_jobs();

  /// Bytes of the payload that is loaded and not wholly sent.
  [[nodiscard]] std::size_t loaded() const { return current_ ? current_->payload.size() : 0; }

  /// The job that is on its way goes on in either case.
  enum class NextJob { load, wait };
  /// The next frame to send, if there is anything; messages go before the state, and that before jobs. `load` may
  /// throw.
  [[nodiscard]] std::optional<std::string> next_frame(RunId run, NextJob next, Load const& load);

 private:
  struct Supply {
    std::uint32_t part{};
    std::shared_ptr<Payload const> bytes;
    std::size_t sent{0};
  };

  [[nodiscard]] StatePiece cut_state(RunId run);
  [[nodiscard]] bool window_open() const;
  /// Makes the next job current; false if there is none, or no room for one.
  bool advance(NextJob next, Load const& load);
  [[nodiscard]] JobPiece cut(std::size_t most);

  std::deque<Message> messages_;
  std::deque<Supply> supplies_;
  JobQueue queue_;
  std::optional<Job> current_;
  std::size_t current_sent_{0};
  std::uint64_t sent_{0};  // queue_bytes() of the jobs since the run began
  std::uint64_t taken_{0};
};

}  // namespace ballast
