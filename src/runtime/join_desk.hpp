// Join desk: accepted solutions wait here until it is their turn, and are joined by a thread of its own.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <exception>
#include <filesystem>
#include <map>
#include <memory>
#include <mutex>
#include <thread>
#include <unordered_map>

#include "ballast/core/job.hpp"
#include "ballast/problem/joiner.hpp"
#include "runtime/stash.hpp"

namespace ballast {

/// Every job is told of once: accept() or skip(). A joiner that blocks, or an early job that is late, fills the disk
/// rather than the memory, and never stops the caller.
class JoinDesk {
 public:
  explicit JoinDesk(std::unique_ptr<Joiner> joiner);
  ~JoinDesk();
  JoinDesk(JoinDesk const&) = delete;
  JoinDesk& operator=(JoinDesk const&) = delete;

  /// Bytes of a solution that is not whole yet. Several attempts at a job may send theirs at the same time.
  void add_piece(JobAttempt name, std::string_view bytes);
  /// The attempt has failed, or lost to another: its pieces are void.
  void drop_pieces(JobAttempt name);
  /// The last bytes: the solution is whole, and counts.
  void accept(JobAttempt name, Payload bytes);
  /// The same, for a solution that is in a file of its own, which stays.
  void accept_file(JobId job, std::filesystem::path file, std::uint64_t size);
  /// The job has no solution and will not have one.
  void skip(JobId job);
  enum class Missing { nothing, what_was_not_told };
  /// No more jobs: the result is closed when the last is joined. Without what is missing, if it is to be.
  void finish(Missing missing = Missing::nothing);

  /// Whether the joiner is so far behind that no new jobs should be sent.
  [[nodiscard]] bool congested() const;
  /// Whether the result is closed. Throws what the joiner threw.
  [[nodiscard]] bool closed() const;
  /// Stops joining, for good: an unclosed result is abandoned, and the joiner gone. False if the joiner blocks.
  [[nodiscard]] bool stop();

 private:
  enum class State : std::uint8_t { awaited, whole, skipped };
  struct Partial {
    JobId shelf;  ///< its name in the stash
    std::uint64_t bytes{};
  };
  struct WholeFile {
    std::filesystem::path path;
    std::uint64_t size{};
  };

  void join_all();
  void wait_for_news(std::unique_lock<std::mutex>& lock);
  void join_one(JobId job, JobId shelf);
  void join_file(JobId job, WholeFile const& file);
  void settle(JobId job, State state);
  void drop_pieces_of(JobId job);
  [[nodiscard]] bool has_next() const;
  [[nodiscard]] std::pair<JobId, State> take_next();

  std::unique_ptr<Joiner> joiner_;
  JoinOrder const order_;
  Stash stash_;
  std::map<JobAttempt, Partial> partial_;  // solutions that are not whole
  JobId next_shelf_;

  mutable std::mutex mutex_;
  std::condition_variable news_;
  std::condition_variable left_;
  std::unordered_map<JobId, JobId> shelves_;    // of whole solutions that came in pieces
  std::unordered_map<JobId, WholeFile> files_;  // of whole solutions that have one
  std::deque<JobId> arrived_;                   // JoinOrder::arrival: whole, in order of arrival
  std::deque<State> states_;                    // JoinOrder::dataset: of the jobs from next_ on
  JobId next_;
  std::uint64_t unjoined_bytes_{0};
  bool finished_{false};
  bool pass_over_missing_{false};
  bool stopped_{false};
  bool closed_{false};
  bool thread_left_{false};
  std::exception_ptr failure_;
  std::thread thread_;  // last: it uses all of the above
};

}  // namespace ballast
