// Train problem: a round as a run; its jobs are the shards.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <ballast/learn/training.hpp>
#include <ballast/problem/problem.hpp>

#include "learn_wire.hpp"
#include "train_course.hpp"

namespace app {

/// A trained shard as a solution.
[[nodiscard]] std::string pack_trained(ballast::learn::TrainedShard const& trained);
/// Throws EngineError if it is none.
[[nodiscard]] ballast::learn::TrainedShard unpack_trained(std::string_view solution);

/// One object for all rounds, so that the nodes keep the dataset as they have unpacked it.
class TrainRound final : public ballast::Problem {
 public:
  /// `course` is borrowed, and used on the Main Node only.
  TrainRound(TrainPlan const& plan, TrainCourse& course) : plan_{plan}, course_{course} {}

  /// Rounds follow each other from 1. One that was done before this start has no jobs.
  void begin(std::uint32_t round) { round_ = round; }

  [[nodiscard]] std::string identity() const override;
  [[nodiscard]] std::vector<std::shared_ptr<ballast::Payload const>> state() override;
  void take(std::vector<std::shared_ptr<ballast::Payload const>> parts) override;
  [[nodiscard]] ballast::Splitter split() override;
  [[nodiscard]] std::unique_ptr<ballast::Joiner> join() override;
  void solve(ballast::AttemptContext const& context, std::string_view job, ballast::SolutionSink& solution) override;

 private:
  [[nodiscard]] bool is_done() const { return round_ <= course_.rounds_done(); }

  TrainPlan const& plan_;
  TrainCourse& course_;
  std::uint32_t round_{1};
  std::shared_ptr<ballast::Payload const> taken_;  // what `packed_` was made of
  PackedDataset packed_;
  std::vector<ballast::learn::RowRange> shards_;
  ballast::learn::ModelState state_;
};

}  // namespace app
