// The state is two parts: the dataset, which stays, and the model, which is another in each round.
#include "train_problem.hpp"

#include <fmt/format.h>

#include <cstring>
#include <sstream>
#include <utility>

#include <ballast/core/digest.hpp>
#include <ballast/core/error.hpp>

namespace app {
namespace {

namespace learn = ballast::learn;

struct ShardJob {
  std::uint32_t round{};
  std::uint32_t shard{};
};

std::string pack(ShardJob const& job) { return fmt::format("{} {}", job.round, job.shard); }

ShardJob unpack(std::string_view bytes) {
  std::istringstream words{std::string{bytes}};
  ShardJob job;
  if (!(words >> job.round >> job.shard))
    throw ballast::EngineError{"a job names no shard", "", "please report this as a bug of Ballast"};
  return job;
}

class ShardSplitter final : public ballast::IndexedSplitter {
 public:
  ShardSplitter(std::uint32_t round, std::uint32_t shards) : round_{round}, shards_{shards} {}
  [[nodiscard]] std::uint64_t count() const override { return shards_; }
  ballast::Payload read(ballast::JobId id) override { return pack({round_, static_cast<std::uint32_t>(id.value())}); }

 private:
  std::uint32_t round_;
  std::uint32_t shards_;
};

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
  return {course_.dataset(), course_.state()};
}

void TrainRound::take(std::vector<std::shared_ptr<ballast::Payload const>> parts) {
  if (parts.empty()) return;
  if (parts.at(0) != taken_) {
    packed_ = unpack_dataset(*parts.at(0));
    shards_ = learn::shard_ranges(packed_.dataset.features.rows, plan_.shards);
    taken_ = parts.at(0);
  }
  state_ = learn::decode_state(*parts.at(1));
}

ballast::Splitter TrainRound::split() { return std::make_unique<ShardSplitter>(round_, is_done() ? 0 : plan_.shards); }

std::unique_ptr<ballast::Joiner> TrainRound::join() { return std::make_unique<RoundJoiner>(plan_, course_, round_); }

void TrainRound::solve(ballast::AttemptContext const&, std::string_view job, ballast::SolutionSink& solution) {
  auto const [round, shard] = unpack(job);
  auto const rows = learn::rows_of(packed_.dataset, shards_.at(shard));
  if (plan_.sync == TrainSync::gradient)
    solution.write(encode(learn::gradient(state_, rows, packed_.level)));
  else
    solution.write(
        pack_trained(learn::train_shard(state_, rows, plan_.options, {plan_.seed, round, shard}, packed_.level)));
}

}  // namespace app
