// Train rounds: the runs of one training, in one session, so that what the nodes keep travels once.
#pragma once

#include <cstdint>
#include <optional>

#include <ballast/ballast.hpp>

#include "shard_survey.hpp"
#include "subcommand.hpp"
#include "train_course.hpp"
#include "train_plan.hpp"
#include "train_problem.hpp"

namespace app {

class TrainRounds {
 public:
  TrainRounds(TrainPlan plan, CommandLine const& line, ballast::RunOptions options);

  /// Prints the table; returns what main() does.
  int run();

 private:
  [[nodiscard]] std::optional<ballast::Error> open();
  int survey();
  void announce() const;
  int run(std::uint32_t round);
  void tell(std::uint32_t round, ballast::RunReport const& report, double seconds);
  void sum_up() const;
  [[nodiscard]] ballast::RunOptions options_of(std::uint32_t round) const;
  [[nodiscard]] bool talks() const { return options_.verbosity != ballast::Verbosity::quiet; }

  /// Of the rounds that were told of.
  struct Traffic {
    std::uint32_t rounds{};
    std::uint64_t first_sent{};
    std::uint64_t sent{};
    std::uint64_t received{};
  };

  TrainPlan plan_;
  ballast::RunOptions options_;
  TrainCourse course_{plan_};
  TrainRound problem_{plan_, course_};
  ballast::Time began_{ballast::Clock::now()};
  Traffic traffic_;
  ballast::Session session_;
};

}  // namespace app
