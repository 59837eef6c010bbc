// What the shards' solutions become, and where a training begins.
#include "train_course.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include <ballast/core/digest.hpp>
#include <ballast/core/error.hpp>
#include <ballast/learn/dataset_file.hpp>
#include <ballast/learn/evaluation.hpp>
#include <ballast/learn/model_file.hpp>
#include <ballast/learn/training.hpp>
#include <ballast/problem/file_joiner.hpp>

#include "learn_wire.hpp"
#include "train_problem.hpp"

namespace app {
namespace {

namespace learn = ballast::learn;

constexpr std::uint32_t usual_hidden = 128;

/// Pixels share a unit, the columns of a table do not.
learn::Scaling scaling_of(TrainPlan const& plan) {
  bool const pixels =
      plan.shards_stay() ? plan.shard_files.front().find(',') != std::string::npos : plan.source.csv.empty();
  return pixels ? learn::Scaling::all_features : learn::Scaling::each_feature;
}

learn::Dataset read_rows(TrainPlan const& plan) {
  auto const& source = plan.source;
  return source.csv.empty() ? learn::read_idx(source.images, plan.labels)
                            : learn::read_csv(source.csv, csv_options(source));
}

learn::Dataset read_test(TrainPlan const& plan) {
  if (!plan.test_csv.empty()) return learn::read_csv(plan.test_csv, csv_options(plan.source));
  if (!plan.test_images.empty()) return learn::read_idx(plan.test_images, plan.test_labels);
  return {};
}

/// Of all shards, in their order: as the owners of shards would tell it.
learn::JoinedShards joined_shards(learn::Dataset const& train, std::uint32_t shards) {
  std::vector<learn::ShardSummary> summaries;
  for (auto const& range : learn::shard_ranges(train.features.rows, shards)) {
    auto& summary = summaries.emplace_back();
    summary.moments.add(rows_of(train, range).features, train.features.columns);
    summary.classes = train.classes;
  }
  return learn::joined(summaries);
}

bool all_finite(std::vector<float> const& values) {
  return std::all_of(values.begin(), values.end(), [](float value) { return std::isfinite(value); });
}

[[noreturn]] void refuse_divergence(std::string const& who) {
  throw ballast::EngineError{who + " has diverged", "its numbers are no finite ones",
                             "start again with a lower --learning-rate"};
}

}  // namespace

TrainCourse::TrainCourse(TrainPlan plan) : plan_{std::move(plan)} {
  if (!plan_.run_dir.empty()) directory_.emplace(plan_.run_dir);
}

void TrainCourse::open() {
  if (directory_) directory_->check_unused(plan_.resume);
  // At once, so that nobody trains for hours and then has nowhere to put it.
  if (!plan_.save.empty()) saved_ = ballast::make_file_joiner(plan_.save, ballast::JoinOrder::dataset);
  test_ = read_test(plan_);
  if (!plan_.shards_stay()) begin_with_rows();
}

void TrainCourse::begin_with_rows() {
  auto [train, test] = learn::split_test(read_rows(plan_), plan_.test_every);
  if (plan_.test_every > 0) test_ = std::move(test);
  auto const rows = train.features.rows;
  if (plan_.shards > rows)
    throw ballast::UsageError{fmt::format("{} rows do not make {} shards", rows, plan_.shards),
                              "a shard without rows has nothing to learn", "give fewer --shards"};
  auto const shards = joined_shards(train, plan_.shards);
  begin_with_model(shards);
  train = learn::with_classes(std::move(train), classes_);
  learn::normalise(train.features, normalisation_);
  kept_ = std::make_shared<ballast::Payload const>(pack_dataset(train, plan_.level));
  open_run_directory();
}

void TrainCourse::begin(learn::JoinedShards const& shards) {
  begin_with_model(shards);
  kept_ = std::make_shared<ballast::Payload const>(
      fmt::format("{}\n{}", name_of(plan_.level), encode(learn::ShardTerms{normalisation_, classes_, shards.digests})));
  open_run_directory();
}

void TrainCourse::begin_with_model(learn::JoinedShards const& shards) {
  shard_sizes_ = shards.sizes;
  auto const features = shards.moments.features();
  if (plan_.load.empty()) {
    normalisation_ = shards.moments.normalisation(scaling_of(plan_));
    classes_ = shards.classes;
    state_ = learn::initial_state({static_cast<std::uint32_t>(features), plan_.hidden.value_or(usual_hidden),
                                   static_cast<std::uint32_t>(classes_.size())},
                                  plan_.seed);
    return place_test();
  }
  auto const model = learn::load_model(plan_.load);
  if (model.shape.inputs != features)
    throw ballast::UsageError{fmt::format("{} is no model of this dataset", plan_.load),
                              fmt::format("it has {} inputs, the dataset {} features", model.shape.inputs, features),
                              "give the dataset it was trained with, or leave out --load"};
  if (plan_.hidden && *plan_.hidden != model.shape.hidden)
    throw ballast::UsageError{fmt::format("--hidden {} contradicts {}", *plan_.hidden, plan_.load),
                              fmt::format("its hidden layer has {} units", model.shape.hidden), "leave out --hidden"};
  static_cast<void>(learn::with_classes({{}, {}, shards.classes}, model.classes));  // refuses those it does not know
  normalisation_ = model.normalisation;
  classes_ = model.classes;
  state_ = learn::state_of(model);
  place_test();
}

void TrainCourse::place_test() {
  if (test_.features.rows > 0 && test_.features.columns != state_.shape.inputs)
    throw ballast::InputOutputError{
        "the test rows do not fit to the training rows",
        fmt::format("they have {} features, not {}", test_.features.columns, state_.shape.inputs),
        "give test rows of the same kind"};
  test_ = learn::with_classes(std::move(test_), classes_);
  test_.features.columns = state_.shape.inputs;
  learn::normalise(test_.features, normalisation_);
}

std::string TrainCourse::make_identity() const {
  return nlohmann::ordered_json{{"subcommand", "train"},
                                {"dataset", ballast::digest_of(*kept_).value()},
                                {"start", ballast::digest_of(encode(state_)).value()},
                                {"shards", plan_.shards},
                                {"sync", plan_.sync == TrainSync::model ? "model" : "gradient"},
                                {"average", plan_.average == ShardAverage::samples ? "samples" : "uniform"},
                                {"local_epochs", plan_.options.epochs},
                                {"local_steps", plan_.options.steps},
                                {"batch", plan_.options.batch},
                                {"learning_rate", plan_.options.learning_rate},
                                {"seed", plan_.seed},
                                {"level", name_of(plan_.level)}}
      .dump();
}

void TrainCourse::open_run_directory() {
  identity_ = make_identity();
  if (!directory_) return;
  directory_->open(identity_, plan_.resume);
  for (done_ = plan_.rounds; done_ > 0; --done_)
    if (auto state = directory_->load(done_)) {
      state_ = std::move(*state);
      break;
    }
  for (std::uint32_t round = 1; round <= done_; ++round) drop_run(round);
}

void TrainCourse::drop_run(std::uint32_t round) const {
  bool const recorded_there = plan_.record == plan_.run_dir;
  if (directory_ && !recorded_there) directory_->drop_run(round);
}

void TrainCourse::finish_round(std::vector<std::string> const& solutions) {
  if (plan_.sync == TrainSync::model)
    average_states(solutions);
  else
    step_along_gradients(solutions);
  if (!all_finite(state_.values)) refuse_divergence(fmt::format("the model of round {}", done_ + 1));
  ++done_;
  if (directory_) directory_->keep(done_, state_);
  numbers_.accuracy = learn::evaluate(state_, test_, plan_.level).accuracy;
}

RoundNumbers const& TrainCourse::end_round(double seconds, std::uint64_t bytes_sent, std::uint64_t bytes_received) {
  numbers_.seconds = seconds;
  numbers_.bytes_sent = bytes_sent;
  numbers_.bytes_received = bytes_received;
  if (directory_) directory_->note(done_, numbers_);
  drop_run(done_);
  return numbers_;
}

void TrainCourse::average_states(std::vector<std::string> const& solutions) {
  std::vector<learn::ModelState> states;
  double loss = 0;
  double rows = 0;
  for (std::size_t shard = 0; shard < solutions.size(); ++shard) {
    auto trained = unpack_trained(solutions[shard]);
    if (!std::isfinite(trained.loss) || !all_finite(trained.state.values))
      refuse_divergence(fmt::format("shard {} of round {}", shard, done_ + 1));
    loss += trained.loss * shard_sizes_[shard];
    rows += shard_sizes_[shard];
    states.push_back(std::move(trained.state));
  }
  auto const weights =
      plan_.average == ShardAverage::samples ? shard_sizes_ : std::vector<double>(shard_sizes_.size(), 1.0);
  state_ = learn::average(states, weights);
  numbers_.loss = loss / rows;
}

void TrainCourse::step_along_gradients(std::vector<std::string> const& solutions) {
  std::vector<learn::GradientSum> sums;
  for (auto const& solution : solutions) {
    sums.push_back(learn::decode_gradient(solution));
    if (!std::isfinite(sums.back().loss) || !all_finite(sums.back().values))
      refuse_divergence(fmt::format("shard {} of round {}", sums.size() - 1, done_ + 1));
  }
  auto const sum = learn::joined(sums);
  state_ = learn::stepped(state_, sum, plan_.options.learning_rate, plan_.level);
  numbers_.loss = sum.loss / static_cast<double>(sum.rows);
}

void TrainCourse::save() {
  if (!saved_) return;
  auto const weights = state_.weights();
  saved_->write(ballast::JobId{0},
                encode(learn::Model{state_.shape, {weights.begin(), weights.end()}, normalisation_, classes_}));
  saved_->close();
}

}  // namespace app
