// Delivery: the way of an accepted solution to the joiner, straight or by the run directory's journal.
#pragma once

#include <memory>

#include "ballast/core/solution.hpp"
#include "runtime/join_desk.hpp"
#include "runtime/run_directory.hpp"

namespace ballast {

/// Every job is told of once: accept() or give_up(). Nothing here waits but flush().
class Delivery {
 public:
  virtual ~Delivery() = default;

  /// Bytes of a solution that is not whole yet. Several attempts at a job may send theirs at the same time.
  virtual void add_piece(JobAttempt name, std::string_view bytes) = 0;
  /// The attempt has failed, or lost to another: its pieces are void.
  virtual void drop_pieces(JobAttempt name) = 0;
  /// The solution is whole, and counts.
  virtual void accept(Solved&& solved) = 0;
  /// The job has no solution: this was its last attempt. What remains of it takes the solution's place.
  virtual void give_up(Failed const& last, Digest input, std::uint32_t failures) = 0;

  /// Hands on what may be joined by now; true if anything was. Throws what the disk threw.
  virtual bool hand_on() = 0;
  /// Whether everything was handed on.
  [[nodiscard]] virtual bool empty() const = 0;
  /// Whether the disk is so far behind that no new jobs should be sent.
  [[nodiscard]] virtual bool congested() const = 0;
  /// Nothing more will come for a while: no need to gather.
  virtual void hurry() = 0;
  /// Returns when all is durable that was accepted or given up.
  virtual void flush() = 0;
};

/// Both borrow what they are given. Without a directory what is accepted goes on at once.
[[nodiscard]] std::unique_ptr<Delivery> make_direct_delivery(JoinDesk& desk);
/// With one, a solution is durable before it is joined.
[[nodiscard]] std::unique_ptr<Delivery> make_durable_delivery(RunDirectory& directory, JoinDesk& desk);

}  // namespace ballast
