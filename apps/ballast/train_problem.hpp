// Train problem: a round as a run; its jobs are the shards.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <ballast/learn/shard_summary.hpp>
#include <ballast/learn/training.hpp>
#include <ballast/problem/problem.hpp>

#include "learn_wire.hpp"
#include "shard_keeper.hpp"
#include "train_course.hpp"

namespace app {

/// A trained shard as a solution.
[[nodiscard]] std::string pack_trained(ballast::learn::TrainedShard const& trained);
/// Throws EngineError if it is none.
[[nodiscard]] ballast::learn::TrainedShard unpack_trained(std::string_view solution);

/// One object for all rounds, so that the nodes keep their rows.
class TrainRound final : public ballast::Problem {
 public:
  /// `course` is borrowed, and used on the Main Node only.
  TrainRound(TrainPlan const& plan, TrainCourse& course) : plan_{plan}, course_{course} {}

  /// Rounds follow each other from 1. One that was done before this start has no jobs.
  void begin(std::uint32_t round) { round_ = round; }

  [[nodiscard]] std::string identity() const override;
  [[nodiscard]] ballast::Sharding sharding() const override { return plan_.sharding(); }
  [[nodiscard]] std::vector<std::shared_ptr<ballast::Payload const>> state() override;
  void take(std::vector<std::shared_ptr<ballast::Payload const>> parts) override;
  [[nodiscard]] ballast::Splitter split() override;
  [[nodiscard]] std::unique_ptr<ballast::Joiner> join() override;
  void solve(ballast::AttemptContext const& context, std::string_view job, ballast::SolutionSink& solution) override;

 private:
  [[nodiscard]] bool is_done() const { return round_ <= course_.rounds_done(); }
  void take_kept();
  [[nodiscard]] ballast::learn::DatasetView rows_of_shard(std::uint32_t shard);

  TrainPlan const& plan_;
  TrainCourse& course_;
  std::uint32_t round_{1};
  std::shared_ptr<ballast::Payload const> kept_;  // what all below but the state is made of
  ballast::InstructionLevel level_{};
  ballast::learn::DatasetView rows_;  // of kept_; or with shards of this node's own:
  ballast::learn::ShardTerms terms_;
  std::optional<ShardKeeper> own_shards_;
  ballast::learn::ModelState state_;
};

}  // namespace app
