// Predict problem: batches of rows as jobs, their classes as solutions.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <ballast/core/instruction_level.hpp>
#include <ballast/learn/dataset.hpp>
#include <ballast/learn/model_file.hpp>
#include <ballast/problem/problem.hpp>

#include "learn_flags.hpp"

namespace app {

/// Paths are opened on the Main Node only.
struct PredictPlan {
  std::string load;
  RowSource source;
  ballast::InstructionLevel level{};
  std::size_t batch{1000};
  std::string output;  ///< empty: standard output
};

class Predict final : public ballast::Problem {
 public:
  explicit Predict(PredictPlan plan) : plan_{std::move(plan)} {}

  [[nodiscard]] std::string identity() const override;
  [[nodiscard]] std::vector<std::shared_ptr<ballast::Payload const>> state() override;
  void take(std::vector<std::shared_ptr<ballast::Payload const>> parts) override;
  [[nodiscard]] ballast::Splitter split() override;
  [[nodiscard]] std::unique_ptr<ballast::Joiner> join() override;
  void solve(ballast::AttemptContext const& context, std::string_view job, ballast::SolutionSink& solution) override;

 private:
  /// What the Main Node reads.
  struct Source {
    ballast::learn::Model model;
    ballast::learn::Matrix rows;  ///< normalised
  };
  [[nodiscard]] Source const& source() const;

  PredictPlan plan_;
  mutable std::optional<Source> source_;  // read when it is first asked for
  ballast::InstructionLevel level_{};
  ballast::learn::NetworkShape shape_;
  std::vector<float> weights_;
};

}  // namespace app
