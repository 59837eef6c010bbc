// Train course: a training on the Main Node, from its dataset to the model, round by round.
#pragma once

#include <cstdint>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include <ballast/core/payload.hpp>
#include <ballast/learn/dataset.hpp>
#include <ballast/learn/model_state.hpp>
#include <ballast/learn/normalisation.hpp>

#include "train_plan.hpp"

namespace app {

/// What a round has come to.
struct RoundNumbers {
  double loss{};      ///< mean training loss before averaging
  double accuracy{};  ///< of the test rows; not a number without any
};

class TrainCourse {
 public:
  using Part = std::shared_ptr<ballast::Payload const>;

  explicit TrainCourse(TrainPlan plan) : plan_{std::move(plan)} {}

  /// Reads the dataset, and the state to begin with: a model's, or that of the last round in the run directory. Throws
  /// InputOutputError for files that are missing or malformed, UsageError for options that they contradict. All below
  /// is to be asked for after that.
  void open();

  /// Rounds from 1 that need not be run any more.
  [[nodiscard]] std::uint32_t rounds_done() const { return done_; }
  /// What makes a training the same.
  [[nodiscard]] std::string identity() const;
  /// The dataset, normalised.
  [[nodiscard]] Part dataset() const { return dataset_; }
  [[nodiscard]] Part state() const { return std::make_shared<ballast::Payload const>(encode(state_)); }
  /// Rows of each.
  [[nodiscard]] std::vector<double> const& shard_sizes() const { return shard_sizes_; }

  /// Ends the next round with the solutions of all shards, in their order: makes its state, durable where there is a
  /// run directory. Throws EngineError if the training has diverged.
  void finish_round(std::vector<std::string> const& solutions);
  [[nodiscard]] RoundNumbers const& numbers() const { return numbers_; }
  /// Where that was asked for.
  void save() const;

 private:
  void read_dataset();
  void read_test(ballast::learn::Dataset& test);
  void begin_with_model(ballast::learn::Dataset& train);
  void check_save() const;
  void open_run_directory();
  [[nodiscard]] bool load_round(std::uint32_t round);
  void keep_round() const;
  [[nodiscard]] std::string model_file(std::uint32_t round) const;
  void average_states(std::vector<std::string> const& solutions);
  void step_along_gradients(std::vector<std::string> const& solutions);

  TrainPlan plan_;
  ballast::learn::Normalisation normalisation_;
  std::vector<float> classes_;
  Part dataset_;
  ballast::learn::Dataset test_;  // normalised
  std::vector<double> shard_sizes_;
  ballast::learn::ModelState state_;
  std::uint64_t begun_with_{};  // digest of the first state
  std::uint32_t done_{0};
  RoundNumbers numbers_;
};

/// The folder of a round's own run.
[[nodiscard]] std::string round_folder(std::string const& run_dir, std::uint32_t round);

}  // namespace app
