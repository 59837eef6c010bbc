// The state is two parts: the dataset, which stays, and the model, which is another in each round.
#include "train_problem.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <utility>

#include <ballast/core/digest.hpp>
#include <ballast/core/error.hpp>

#include "shard_jobs.hpp"
#include "shard_survey.hpp"

namespace app {
namespace {

namespace learn = ballast::learn;

/// The shards' solutions, in order, become the state after the round; after the last round it is saved.
class RoundJoiner final : public ballast::Joiner {
 public:
  RoundJoiner(TrainPlan const& plan, TrainCourse& course, std::uint32_t round)
      : plan_{plan}, course_{course}, round_{round} {}

  [[nodiscard]] ballast::JoinOrder order() const override { return ballast::JoinOrder::dataset; }
  void write(ballast::JobId, std::string_view piece) override { solution_ += piece; }
  void finish(ballast::JobId) override { solutions_.push_back(std::exchange(solution_, {})); }

  void close() override {
    if (round_ > course_.rounds_done()) finish_round();
    if (round_ == plan_.rounds) course_.save();
  }

 private:
  void finish_round() {
    if (solutions_.size() != plan_.shards)
      throw ballast::EngineError{
          fmt::format("round {} has no model", round_),
          fmt::format("{} of {} shards were given up", plan_.shards - solutions_.size(), plan_.shards),
          plan_.run_dir.empty() ? "with --run-dir it could be gone on with" : "try them again with --resume-failed"};
    course_.finish_round(solutions_);
  }

  TrainPlan const& plan_;
  TrainCourse& course_;
  std::uint32_t round_;
  std::string solution_;  // of the shard that is being joined
  std::vector<std::string> solutions_;
};

}  // namespace

std::string pack_trained(learn::TrainedShard const& trained) {
  std::string solution(sizeof trained.loss, '\0');
  std::memcpy(solution.data(), &trained.loss, sizeof trained.loss);
  return solution + encode(trained.state);
}

learn::TrainedShard unpack_trained(std::string_view solution) {
  learn::TrainedShard trained;
  if (solution.size() < sizeof trained.loss)
    throw ballast::EngineError{"a solution holds no model", "", "please report this as a bug of Ballast"};
  std::memcpy(&trained.loss, solution.data(), sizeof trained.loss);
  trained.state = learn::decode_state(solution.substr(sizeof trained.loss));
  return trained;
}

std::string TrainRound::identity() const {
  return fmt::format("{} round {} from {}", course_.identity(), round_, ballast::digest_of(*course_.state()).value());
}

std::vector<std::shared_ptr<ballast::Payload const>> TrainRound::state() {
  if (is_done()) return {};
  return {course_.kept(), course_.state()};
}

void TrainRound::take(std::vector<std::shared_ptr<ballast::Payload const>> parts) {
  if (parts.empty()) return;
  if (parts.at(0) != kept_) {
    kept_ = parts.at(0);
    take_kept();
  }
  state_ = learn::decode_state(*parts.at(1));
}

void TrainRound::take_kept() {
  if (!plan_.shards_stay()) {
    auto const packed = view_packed(*kept_);
    level_ = packed.level;
    rows_ = packed.rows;
    return;
  }
  auto const end = std::min(kept_->find('\n'), kept_->size() - 1);
  level_ = level_here(std::string_view{*kept_}.substr(0, end));
  terms_ = learn::decode_terms(std::string_view{*kept_}.substr(end + 1));
  own_shards_.emplace(plan_.shards);
}

learn::DatasetView TrainRound::rows_of_shard(std::uint32_t shard) {
  if (!plan_.shards_stay()) return rows_of(rows_, learn::shard_ranges(rows_.rows(), plan_.shards).at(shard));
  auto const make = [&] { return pack_dataset(learn::prepared(read_shard(plan_, shard), terms_, shard), level_); };
  return view_packed(own_shards_->find(shard, make)).rows;
}

ballast::Splitter TrainRound::split() { return std::make_unique<ShardSplitter>(round_, is_done() ? 0 : plan_.shards); }

std::unique_ptr<ballast::Joiner> TrainRound::join() { return std::make_unique<RoundJoiner>(plan_, course_, round_); }

void TrainRound::solve(ballast::AttemptContext const&, std::string_view job, ballast::SolutionSink& solution) {
  auto const [round, shard] = unpack_shard_job(job);
  auto const rows = rows_of_shard(shard);
  if (plan_.sync == TrainSync::gradient)
    solution.write(encode(learn::gradient(state_, rows, level_)));
  else
    solution.write(pack_trained(learn::train_shard(state_, rows, plan_.options, {plan_.seed, round, shard}, level_)));
}

}  // namespace app
