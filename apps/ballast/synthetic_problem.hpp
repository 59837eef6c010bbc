// Synthetic problem: jobs that take the time they are told to, for real.
#pragma once

#include <optional>
#include <vector>

#include <ballast/problem/problem.hpp>
#include <ballast/sim/simulation.hpp>

namespace app {

/// How a job spends its time: asleep, or computing until it has used so much CPU time. The latter is real work: it
/// takes longer where several processes share a core.
enum class Effort { sleep, compute };

class SyntheticProblem final : public ballast::Problem {
 public:
  /// What the computing nodes' objects need: the first rank that computes has the first speed.
  SyntheticProblem(Effort effort, ballast::Speeds speeds) : effort_{effort}, speeds_{std::move(speeds)} {}

  /// Main Node, before the run: the jobs, borrowed, and whether their costs are told beforehand.
  void offer(ballast::JobCosts const& costs, ballast::SimulationSetting::Hints hints);
  /// Main Node, after the run: the attempts that solved a job, from the first start on. The clocks of several hosts
  /// must agree for that.
  [[nodiscard]] std::vector<ballast::AttemptSpan> spans() const;

  [[nodiscard]] std::string identity() const override { return "synthetic jobs"; }
  void prepare() override { begun_ = ballast::Clock::now(); }
  [[nodiscard]] std::vector<double> costs() override;
  [[nodiscard]] ballast::Splitter split() override;
  [[nodiscard]] std::unique_ptr<ballast::Joiner> join() override;
  void solve(ballast::AttemptContext const& context, std::string_view job, ballast::SolutionSink& solution) override;

 private:
  Effort effort_;
  ballast::Speeds speeds_;
  ballast::Time begun_{};
  ballast::JobCosts const* costs_{nullptr};
  ballast::SimulationSetting::Hints hints_{};
  std::vector<ballast::AttemptSpan> spans_;  // since the epoch
};

}  // namespace app
