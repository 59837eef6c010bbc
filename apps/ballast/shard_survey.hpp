// Shard survey: the run before the first round of a training whose shards stay with their nodes. Its jobs are the
// shards; what their owners tell of them decides classes and normalisation.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include <ballast/learn/dataset.hpp>
#include <ballast/problem/problem.hpp>

#include "train_course.hpp"
#include "train_plan.hpp"

namespace app {

/// Throws InputOutputError if it cannot be read here, UsageError if the plan's columns are not in it.
[[nodiscard]] ballast::learn::Dataset read_shard(TrainPlan const& plan, std::uint32_t shard);

class ShardSurvey final : public ballast::Problem {
 public:
  /// `course` is borrowed, and used on the Main Node only.
  ShardSurvey(TrainPlan const& plan, TrainCourse& course) : plan_{plan}, course_{course} {}

  [[nodiscard]] std::string identity() const override;
  [[nodiscard]] ballast::Sharding sharding() const override { return plan_.sharding(); }
  [[nodiscard]] ballast::Splitter split() override;
  [[nodiscard]] std::unique_ptr<ballast::Joiner> join() override;
  void solve(ballast::AttemptContext const& context, std::string_view job, ballast::SolutionSink& solution) override;

 private:
  TrainPlan const& plan_;
  TrainCourse& course_;
};

}  // namespace app
