// A file that cannot be read is a solution, too: the answer is the same whoever asks again, and ends the training.
#include "shard_survey.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <utility>
#include <vector>

#include <ballast/core/error.hpp>
#include <ballast/learn/dataset_file.hpp>
#include <ballast/learn/shard_summary.hpp>

#include "shard_jobs.hpp"

namespace app {
namespace {

namespace learn = ballast::learn;

constexpr char here = '+';  // and the summary
constexpr char gone = '-';  // and why

class SurveyJoiner final : public ballast::Joiner {
 public:
  SurveyJoiner(TrainPlan const& plan, TrainCourse& course) : plan_{plan}, course_{course} {}

  [[nodiscard]] ballast::JoinOrder order() const override { return ballast::JoinOrder::dataset; }
  void write(ballast::JobId, std::string_view piece) override { solution_ += piece; }

  void finish(ballast::JobId job) override {
    auto const solution = std::exchange(solution_, {});
    if (!solution.starts_with(here))
      throw ballast::InputOutputError{fmt::format("shard {}: {}", job.value(), solution.substr(1)), "", ""};
    summaries_.push_back(learn::decode_summary(std::string_view{solution}.substr(1)));
  }

  void close() override {
    if (summaries_.size() != plan_.shards)
      throw ballast::InputOutputError{
          "the shards cannot be summed up",
          fmt::format("{} of {} were given up", plan_.shards - summaries_.size(), plan_.shards),
          "look at what their nodes say"};
    course_.begin(learn::joined(summaries_));
  }

 private:
  TrainPlan const& plan_;
  TrainCourse& course_;
  std::string solution_;  // of the shard that is being joined
  std::vector<learn::ShardSummary> summaries_;
};

}  // namespace

learn::Dataset read_shard(TrainPlan const& plan, std::uint32_t shard) {
  auto const& name = plan.shard_files.at(shard);
  auto const comma = name.find(',');
  return comma == std::string::npos ? learn::read_csv(name, csv_options(plan.source))
                                    : learn::read_idx(name.substr(0, comma), name.substr(comma + 1));
}

std::string ShardSurvey::identity() const {
  return fmt::format("survey of {}, header {}, label column {}", fmt::join(plan_.shard_files, " "), plan_.source.header,
                     plan_.source.label_column.value_or(0));
}

ballast::Splitter ShardSurvey::split() { return std::make_unique<ShardSplitter>(0, plan_.shards); }

std::unique_ptr<ballast::Joiner> ShardSurvey::join() { return std::make_unique<SurveyJoiner>(plan_, course_); }

void ShardSurvey::solve(ballast::AttemptContext const& context, std::string_view job, ballast::SolutionSink& solution) {
  try {
    solution.write(here + encode(learn::summary_of(read_shard(plan_, unpack_shard_job(job).shard))));
  } catch (ballast::Error const& error) {
    solution.write(gone + fmt::format("rank {} {}", context.node.value(), error.what()));
  }
}

}  // namespace app
