// Train course: a training on the Main Node, from its dataset to the model, round by round.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <ballast/core/payload.hpp>
#include <ballast/learn/dataset.hpp>
#include <ballast/learn/model_state.hpp>
#include <ballast/learn/normalisation.hpp>
#include <ballast/learn/shard_summary.hpp>
#include <ballast/problem/joiner.hpp>

#include "train_directory.hpp"
#include "train_plan.hpp"

namespace app {

class TrainCourse {
 public:
  using Part = std::shared_ptr<ballast::Payload const>;

  explicit TrainCourse(TrainPlan plan);

  /// Reads the files of the Main Node. Throws InputOutputError for those that are missing or malformed, UsageError for
  /// options that they contradict. Unless shards stay with their nodes, begin() is part of it.
  void open();
  /// Makes the state to begin with: a model's, or that of the last round in the run directory. Throws what open() does.
  /// All below is to be asked for after that.
  void begin(ballast::learn::JoinedShards const& shards);

  /// Rounds from 1 that need not be run any more.
  [[nodiscard]] std::uint32_t rounds_done() const { return done_; }
  /// What makes a training the same.
  [[nodiscard]] std::string const& identity() const { return identity_; }
  /// What the nodes keep for all rounds: the rows, normalised, or the terms for shards of their own.
  [[nodiscard]] Part kept() const { return kept_; }
  [[nodiscard]] Part state() const { return std::make_shared<ballast::Payload const>(encode(state_)); }

  /// Ends the next round with the solutions of all shards, in their order: makes its state, durable where there is a
  /// run directory. Throws EngineError if the training has diverged.
  void finish_round(std::vector<std::string> const& solutions);
  /// When its run has ended, too: puts it on record where there is a run directory, and drops what it was made of.
  RoundNumbers const& end_round(double seconds, std::uint64_t bytes_sent, std::uint64_t bytes_received);
  /// Removes what the run of a round has left in the run directory, unless a recording is there.
  void drop_run(std::uint32_t round) const;
  /// Puts the model where that was asked for, which open() has seen to be a place that can be written. Once.
  void save();

 private:
  void begin_with_rows();
  void begin_with_model(ballast::learn::JoinedShards const& shards);
  void place_test();
  void open_run_directory();
  [[nodiscard]] std::string make_identity() const;
  void average_states(std::vector<std::string> const& solutions);
  void step_along_gradients(std::vector<std::string> const& solutions);

  TrainPlan plan_;
  std::optional<TrainDirectory> directory_;
  ballast::learn::Normalisation normalisation_;
  std::vector<float> classes_;
  Part kept_;
  ballast::learn::Dataset test_;  // normalised, from begin() on
  std::vector<double> shard_sizes_;
  ballast::learn::ModelState state_;
  std::string identity_;
  std::uint32_t done_{0};
  RoundNumbers numbers_;
  std::unique_ptr<ballast::Joiner> saved_;  // the model's place, if it was asked for
};

}  // namespace app
