// Agent: a computing node at work: a short queue of jobs, the solvers that it feeds, and the news it has to report.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>

#include "ballast/core/clock.hpp"
#include "solver/solver_pool.hpp"
#include "transport/protocol.hpp"

namespace ballast {

/// Knows no wire: pieces of jobs go in, reports come out. Nothing blocks but rest(), and a solver inside the rank.
class Agent {
 public:
  Agent(RunId run, std::unique_ptr<SolverPool> solvers);

  /// Throws EngineError for pieces that do not fit together.
  void take(JobPiece piece);
  void limit(std::optional<Duration> limit) { solvers_->limit(limit); }
  /// Gives back up to `count` jobs that are whole and not started, the last ones first.
  [[nodiscard]] Released recall(std::uint64_t count);
  /// Drops or ends an attempt that nobody waits for; there is no news of it. Unknown ones are ignored.
  void cancel(JobAttempt name);

  /// Feeds the solvers and gathers their news; true if anything moved. Throws EngineError if no solver can be had.
  bool work();
  /// The next report, one frame's worth, if there is news.
  [[nodiscard]] std::optional<Report> report();
  /// Whether a solver has nothing to do.
  [[nodiscard]] bool hungry() const { return queue_.empty() && solvers_->idle() > 0; }
  /// How long a job takes, from the latest ones, and from what has been going on since the latest start or end.
  [[nodiscard]] Duration pace(Time now) const { return std::max(pace_, (now - latest_) / 2); }
  /// Sleeps until a solver has news, or for `at_most`.
  void rest(Duration at_most) { solvers_->wait(at_most); }

 private:
  bool gather_news(Time now);
  bool start_jobs(Time now);
  void add(News item);
  void drop_start_of(News const& end);

  RunId run_;
  std::unique_ptr<SolverPool> solvers_;
  std::optional<Job> incoming_;  // its payload is not whole yet
  bool incoming_cancelled_{false};
  std::deque<Job> queue_;
  std::deque<News> news_;
  std::size_t unsent_{0};  // bytes of the news
  std::uint64_t taken_{0};
  Duration pace_{};
  Time latest_{};  // start or end of an attempt
};

}  // namespace ballast
