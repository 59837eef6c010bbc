// Running attempt: the agent's side of a job that a solver process is busy with.
#pragma once

#include <optional>
#include <string>
#include <variant>
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

  /// Why an attempt is to end before its time.
  struct TimeOver {
    std::string reason;
  };
  struct Unwanted {};
  using StopReason = std::variant<TimeOver, Unwanted>;
  /// The solver was asked to end the attempt by `until`. From now on nobody hears of an unwanted one, and a failure is
  /// for the time that is over.
  void stop(StopReason reason, Time until);
  /// Until when the solver may take to end the attempt, if it was asked to.
  [[nodiscard]] std::optional<Time> stop_until() const { return stop_until_; }

  /// The end of an attempt that was stopped, when its solver is killed; none if it is unwanted.
  [[nodiscard]] std::optional<Failed> killed(Time now) const;
  /// The attempt's end, when the solver itself will not tell it; none if it is unwanted.
  [[nodiscard]] std::optional<Failed> fail(FailureKind kind, std::string reason, Time now) const;

 private:
  [[nodiscard]] bool unwanted() const { return stop_reason_ && std::holds_alternative<Unwanted>(*stop_reason_); }
  [[nodiscard]] News news_of(NewsMessage&& message) const;
  [[nodiscard]] Failed failed(NewsMessage&& message) const;

  JobHeader header_;
  Digest digest_;
  Payload payload_;  // until it is handed over
  std::size_t handed_over_{};
  Time started_;
  Channel* channel_;
  NewsReader reader_;
  std::optional<StopReason> stop_reason_;
  std::optional<Time> stop_until_;
};

}  // namespace ballast
