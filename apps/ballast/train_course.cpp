// A run directory holds `training` (its identity), and for each round its own run and the model after it.
#include "train_course.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <cmath>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <system_error>

#include <ballast/core/digest.hpp>
#include <ballast/core/error.hpp>
#include <ballast/core/instruction_level.hpp>
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
constexpr std::size_t digest_size = sizeof(std::uint64_t);

learn::CsvOptions csv_options(TrainPlan const& plan) {
  return {plan.header ? learn::CsvHeader::present : learn::CsvHeader::absent, plan.label_column};
}

learn::Scaling scaling_of(TrainPlan const& plan) {
  return plan.csv.empty() ? learn::Scaling::all_features : learn::Scaling::each_feature;
}

/// Whole and durable, or not there; for nobody else to read.
void write_file(std::string const& path, std::string_view bytes) {
  auto const file = ballast::make_file_joiner(path, ballast::JoinOrder::dataset);
  file->write(ballast::JobId{0}, bytes);
  file->finish(ballast::JobId{0});
  file->close();
  using std::filesystem::perms;
  std::error_code ignored;
  std::filesystem::permissions(path, perms::owner_read | perms::owner_write, ignored);
}

std::string read_file(std::string const& path) {
  std::ifstream file{path, std::ios::binary};
  if (!file) throw ballast::InputOutputError::from_errno("cannot read " + path, errno, "look at the --run-dir");
  return {std::istreambuf_iterator<char>{file}, {}};
}

bool all_finite(std::vector<float> const& values) {
  return std::all_of(values.begin(), values.end(), [](float value) { return std::isfinite(value); });
}

[[noreturn]] void refuse_divergence(std::string const& who) {
  throw ballast::EngineError{who + " has diverged", "its numbers are no finite ones",
                             "start again with a lower --learning-rate"};
}

}  // namespace

std::string round_folder(std::string const& run_dir, std::uint32_t round) {
  return fmt::format("{}/round-{:03}", run_dir, round);
}

std::string TrainCourse::model_file(std::uint32_t round) const {
  return fmt::format("{}/model-{:03}", plan_.run_dir, round);
}

void TrainCourse::open() {
  read_dataset();
  check_save();
  if (!plan_.run_dir.empty()) open_run_directory();
}

void TrainCourse::read_dataset() {
  auto all =
      plan_.csv.empty() ? learn::read_idx(plan_.images, plan_.labels) : learn::read_csv(plan_.csv, csv_options(plan_));
  auto [train, test] = learn::split_test(all, plan_.test_every);
  all = {};
  auto const rows = train.features.rows;
  if (plan_.shards > rows)
    throw ballast::UsageError{fmt::format("{} rows do not make {} shards", rows, plan_.shards),
                              "a shard without rows has nothing to learn", "give fewer --shards"};
  if (!plan_.test_images.empty()) test = learn::read_idx(plan_.test_images, plan_.test_labels);
  if (!plan_.load.empty()) {
    begin_with_model(train);
  } else {
    learn::FeatureMoments moments;
    moments.add(train.features);
    normalisation_ = moments.normalisation(scaling_of(plan_));
    state_ =
        learn::initial_state({static_cast<std::uint32_t>(train.features.columns), plan_.hidden.value_or(usual_hidden),
                              static_cast<std::uint32_t>(train.classes.size())},
                             plan_.seed);
  }
  classes_ = train.classes;
  read_test(test);
  learn::normalise(train.features, normalisation_);
  for (auto const& range : learn::shard_ranges(rows, plan_.shards))
    shard_sizes_.push_back(static_cast<double>(range.end - range.begin));
  dataset_ = std::make_shared<ballast::Payload const>(pack_dataset(train, ballast::native_level()));
  begun_with_ = ballast::digest_of(encode(state_)).value();
}

void TrainCourse::read_test(learn::Dataset& test) {
  if (test.features.rows > 0 && test.features.columns != state_.shape.inputs)
    throw ballast::InputOutputError{
        "the test rows do not fit to the training rows",
        fmt::format("they have {} features, not {}", test.features.columns, state_.shape.inputs),
        "check --images and --test-images"};
  test_ = learn::with_classes(std::move(test), classes_);
  if (test_.features.rows > 0) learn::normalise(test_.features, normalisation_);
}

void TrainCourse::begin_with_model(learn::Dataset& train) {
  auto const model = learn::load_model(plan_.load);
  if (model.shape.inputs != train.features.columns)
    throw ballast::UsageError{
        fmt::format("{} is no model of this dataset", plan_.load),
        fmt::format("it has {} inputs, the dataset {} features", model.shape.inputs, train.features.columns),
        "give the dataset it was trained with, or leave out --load"};
  if (plan_.hidden && *plan_.hidden != model.shape.hidden)
    throw ballast::UsageError{fmt::format("--hidden {} contradicts {}", *plan_.hidden, plan_.load),
                              fmt::format("its hidden layer has {} units", model.shape.hidden), "leave out --hidden"};
  train = learn::with_classes(std::move(train), model.classes);
  normalisation_ = model.normalisation;
  state_ = learn::state_of(model);
}

/// So that nobody trains for hours and then has nowhere to put it.
void TrainCourse::check_save() const {
  if (plan_.save.empty()) return;
  auto const partial = plan_.save + ".partial";
  std::ofstream const file{partial, std::ios::app};
  auto const error = errno;
  if (!file) throw ballast::InputOutputError::from_errno("cannot save " + plan_.save, error, "give another --save");
  std::remove(partial.c_str());
}

std::string TrainCourse::identity() const {
  return nlohmann::ordered_json{{"subcommand", "train"},
                                {"dataset", ballast::digest_of(*dataset_).value()},
                                {"start", begun_with_},
                                {"shards", plan_.shards},
                                {"sync", plan_.sync == TrainSync::model ? "model" : "gradient"},
                                {"average", plan_.average == ShardAverage::samples ? "samples" : "uniform"},
                                {"local_epochs", plan_.options.epochs},
                                {"batch", plan_.options.batch},
                                {"learning_rate", plan_.options.learning_rate},
                                {"seed", plan_.seed},
                                {"level", name_of(ballast::native_level())}}
      .dump();
}

void TrainCourse::open_run_directory() {
  std::error_code error;
  auto const& folder = plan_.run_dir;
  if (std::filesystem::create_directories(folder, error))
    std::filesystem::permissions(folder, std::filesystem::perms::owner_all, error);
  if (error) throw ballast::InputOutputError{"cannot make " + folder, error.message(), "give another --run-dir"};
  auto const name = folder + "/training";
  if (!std::filesystem::exists(name)) {
    write_file(name, identity());
    return;
  }
  if (plan_.resume == ballast::Resume::no)
    throw ballast::UsageError{fmt::format("{} has been used", folder), "there is a training in it",
                              "add --resume to go on with it, or name another --run-dir"};
  if (auto const there = read_file(name); there != identity())
    throw ballast::UsageError{fmt::format("{} belongs to another training", folder),
                              fmt::format("`{}` there, `{}` now", there, identity()),
                              "resume it with the same dataset and options, or name another --run-dir"};
  for (done_ = plan_.rounds; done_ > 0 && !load_round(done_);) --done_;
}

bool TrainCourse::load_round(std::uint32_t round) {
  auto const path = model_file(round);
  if (!std::filesystem::exists(path)) return false;
  auto const bytes = read_file(path);
  std::uint64_t digest{};
  std::memcpy(&digest, bytes.data(), std::min(bytes.size(), digest_size));
  auto const encoded = std::string_view{bytes}.substr(std::min(bytes.size(), digest_size));
  if (ballast::digest_of(encoded).value() != digest)
    throw ballast::InputOutputError{fmt::format("{} is damaged", path), "its digest differs",
                                    "delete it: its round is then joined again"};
  state_ = learn::decode_state(encoded);
  return true;
}

void TrainCourse::keep_round() const {
  if (plan_.run_dir.empty()) return;
  auto const encoded = encode(state_);
  auto const digest = ballast::digest_of(encoded).value();
  std::string bytes(digest_size, '\0');
  std::memcpy(bytes.data(), &digest, digest_size);
  write_file(model_file(done_), bytes + encoded);
}

void TrainCourse::finish_round(std::vector<std::string> const& solutions) {
  if (plan_.sync == TrainSync::model)
    average_states(solutions);
  else
    step_along_gradients(solutions);
  if (!all_finite(state_.values)) refuse_divergence(fmt::format("the model of round {}", done_ + 1));
  ++done_;
  keep_round();
  numbers_.accuracy = learn::evaluate(state_, test_).accuracy;
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
  state_ = learn::stepped(state_, sum, plan_.options.learning_rate);
  numbers_.loss = sum.loss / static_cast<double>(sum.rows);
}

void TrainCourse::save() const {
  if (plan_.save.empty()) return;
  auto const weights = state_.weights();
  learn::save_model(plan_.save, {state_.shape, {weights.begin(), weights.end()}, normalisation_, classes_});
}

}  // namespace app
