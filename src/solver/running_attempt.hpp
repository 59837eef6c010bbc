// Running attempt: the agent's side of a job that a solver process is busy with.
#pragma once

#include <string>
#include <vector>

#include "ballast/core/solution.hpp"
#include "solver/news_reader.hpp"

namespace ballast {

class RunningAttempt {
 public:
  /// Nobody else uses the agent's side of `channel` as long as this attempt lives.
  RunningAttempt(Job&& job, Time started, Channel& channel);

  [[nodiscard]] JobAttempt name() const { return header_.name; }
  [[nodiscard]] Time started() const { return started_; }

  /// Hands over as much of the job as there is room for. Throws TornChannel.
  void feed();

  enum class Progress {
    waiting,   ///< there is no more news now
    more,      ///< there is more than one call takes
    finished,  ///< the last news was Solved or Failed
  };
  /// Appends the news that has come, a few megabytes at most. Throws TornChannel.
  [[nodiscard]] Progress collect(std::vector<News>& news);

  /// The attempt's end, when the solver itself will not tell it.
  [[nodiscard]] Failed fail(FailureKind kind, std::string reason, Time now) const;

 private:
  [[nodiscard]] News news_of(NewsMessage&& message) const;

  JobHeader header_;
  Digest digest_;
  Payload payload_;  // until it is handed over
  std::size_t handed_over_{};
  Time started_;
  Channel* channel_;
  NewsReader reader_;
};

}  // namespace ballast
