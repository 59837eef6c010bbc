// A shard's own steps, and the steps along a joined gradient.
#include "ballast/learn/training.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstring>

#include "ballast/core/contract.hpp"
#include "ballast/core/error.hpp"
#include "core/bytes.hpp"
#include "learn/chance.hpp"
#include "learn/network.hpp"
#include "learn/portable_math.hpp"

namespace ballast::learn {
namespace {

constexpr std::uint32_t gradient_version = 1;
constexpr std::size_t gradient_rows = 256;  // summed in float32 before they are added to a sum in double

void expect_fitting(NetworkShape shape, DatasetView const& dataset) {
  BALLAST_EXPECT(dataset.columns == shape.inputs && dataset.classes == shape.classes);
  BALLAST_EXPECT(dataset.features.size() == dataset.rows() * dataset.columns);
}

/// Weights and moments, each padded, and the steps that are taken with them.
class Optimiser {
 public:
  Optimiser(ModelState const& state, Kernels const& kernels)
      : layout_{state.shape}, kernels_{kernels}, steps_{state.steps} {
    auto const count = state.shape.parameters();
    BALLAST_EXPECT(state.values.size() == 3 * count);
    for (std::size_t i = 0; i < 3; ++i) parts_[i] = layout_.padded(std::span{state.values}.subspan(i * count, count));
  }

  [[nodiscard]] AlignedFloats const& weights() const { return parts_[0]; }

  void step(AlignedFloats const& gradient, float learning_rate) {
    constexpr double first_decay = 0.9;
    constexpr double second_decay = 0.999;
    ++steps_;
    auto const root_factor = 1 / std::sqrt(1 - power(second_decay, steps_));
    kernels_.adam({.gradient = gradient.data(),
                   .weights = parts_[0].data(),
                   .first = parts_[1].data(),
                   .second = parts_[2].data(),
                   .count = layout_.size(),
                   .first_decay = static_cast<float>(first_decay),
                   .first_share = static_cast<float>(1 - first_decay),
                   .second_decay = static_cast<float>(second_decay),
                   .second_share = static_cast<float>(1 - second_decay),
                   .epsilon = 1e-8F,
                   .rate = static_cast<float>(double{learning_rate} / (1 - power(first_decay, steps_))),
                   .root_factor = static_cast<float>(root_factor)});
  }

  [[nodiscard]] ModelState state() const {
    auto const count = layout_.shape().parameters();
    ModelState result{layout_.shape(), steps_, std::vector<float>(3 * count)};
    for (std::size_t i = 0; i < 3; ++i) layout_.unpad(parts_[i], std::span{result.values}.subspan(i * count, count));
    return result;
  }

 private:
  PaddedLayout layout_;
  Kernels const& kernels_;
  std::uint64_t steps_;
  AlignedFloats parts_[3];  // weights, first moments, second moments
};

/// Rows in the order of an epoch, copied together so that a batch is one matrix.
struct Batch {
  Batch(DatasetView const& dataset, std::size_t most_rows)
      : from{dataset}, inputs{most_rows * dataset.columns}, labels(most_rows) {}

  void gather(std::span<std::size_t const> rows) {
    labels.clear();
    for (std::size_t i = 0; i < rows.size(); ++i) {
      std::copy_n(from.row(rows[i]).data(), from.columns, inputs.data() + i * from.columns);
      labels.push_back(from.labels[rows[i]]);
    }
  }

  DatasetView from;
  AlignedFloats inputs;
  std::vector<std::uint32_t> labels;
};

std::vector<std::size_t> all_rows(std::size_t count) {
  std::vector<std::size_t> rows(count);
  for (std::size_t i = 0; i < count; ++i) rows[i] = i;
  return rows;
}

/// A shard's state as its steps change it.
class ShardTraining {
 public:
  ShardTraining(ModelState const& state, DatasetView const& shard, TrainingOptions const& options,
                InstructionLevel level)
      : most_{std::min<std::size_t>(options.batch, shard.rows())},
        learning_rate_{options.learning_rate},
        network_{state.shape, most_, level},
        optimiser_{state, kernels_of(level)},
        batch_{shard, most_},
        slopes_{network_.layout().size()} {}

  /// Returns the sum of the rows' cross-entropy before the step.
  double step(std::span<std::size_t const> rows) {
    batch_.gather(rows);
    network_.forward(optimiser_.weights(), batch_.inputs.data(), rows.size());
    auto const loss = network_.backward(optimiser_.weights(), batch_.inputs.data(), batch_.labels,
                                        1.0F / static_cast<float>(rows.size()), slopes_);
    optimiser_.step(slopes_, learning_rate_);
    return loss;
  }

  /// Batch `index` of an epoch in this order.
  [[nodiscard]] std::span<std::size_t const> batch(std::vector<std::size_t> const& rows, std::size_t index) const {
    auto const begin = index * most_;
    return std::span{rows}.subspan(begin, std::min(most_, rows.size() - begin));
  }
  [[nodiscard]] std::size_t batches(std::size_t rows) const { return (rows + most_ - 1) / most_; }
  [[nodiscard]] ModelState state() const { return optimiser_.state(); }

 private:
  std::size_t most_;
  float learning_rate_;
  Network network_;
  Optimiser optimiser_;
  Batch batch_;
  AlignedFloats slopes_;
};

double train_epochs(ShardTraining& training, std::size_t count, std::uint32_t epochs, ShardTurn const& turn) {
  Chance chance{turn.seed, turn.round, turn.shard};
  auto rows = all_rows(count);
  double loss = 0;
  for (std::uint32_t epoch = 0; epoch < epochs; ++epoch) {
    chance.shuffle(rows);
    loss = 0;
    for (std::size_t i = 0; i < training.batches(count); ++i) loss += training.step(training.batch(rows, i));
  }
  return loss / static_cast<double>(count);
}

/// Epochs go through rounds here, so their order is that of the epoch's number.
double train_steps(ShardTraining& training, std::size_t count, std::uint32_t steps, ShardTurn const& turn) {
  auto const batches = training.batches(count);
  auto next = std::uint64_t{turn.round - 1} * steps;
  std::vector<std::size_t> rows;
  double loss = 0;
  std::size_t seen = 0;
  for (std::uint32_t step = 0; step < steps; ++step, ++next) {
    if (rows.empty() || next % batches == 0) {
      rows = all_rows(count);
      Chance{turn.seed, next / batches, turn.shard}.shuffle(rows);
    }
    auto const batch = training.batch(rows, next % batches);
    loss += training.step(batch);
    seen += batch.size();
  }
  return loss / static_cast<double>(seen);
}

}  // namespace

TrainedShard train_shard(ModelState const& state, DatasetView const& shard, TrainingOptions const& options,
                         ShardTurn const& turn, InstructionLevel level) {
  expect_fitting(state.shape, shard);
  BALLAST_EXPECT(options.batch > 0 && (options.steps == 0 || turn.round > 0));
  auto const count = shard.rows();
  if (count == 0) return {state, 0};
  ShardTraining training{state, shard, options, level};
  auto const loss = options.steps > 0 ? train_steps(training, count, options.steps, turn)
                                      : train_epochs(training, count, options.epochs, turn);
  return {training.state(), loss};
}

GradientSum gradient(ModelState const& state, DatasetView const& shard, InstructionLevel level) {
  expect_fitting(state.shape, shard);
  Network network{state.shape, gradient_rows, level};
  auto const& layout = network.layout();
  auto const weights = layout.padded(state.weights());
  AlignedFloats slopes{layout.size()};
  std::vector<double> sums(layout.size());
  GradientSum result{state.shape, std::vector<float>(state.shape.parameters()), 0, shard.rows()};
  for (std::size_t begin = 0; begin < result.rows; begin += gradient_rows) {
    auto const size = std::min(gradient_rows, shard.rows() - begin);
    auto const* const inputs = shard.row(begin).data();
    network.forward(weights, inputs, size);
    result.loss += network.backward(weights, inputs, shard.labels.subspan(begin, size), 1, slopes);
    for (std::size_t i = 0; i < sums.size(); ++i) sums[i] += double{slopes.data()[i]};
  }
  std::transform(sums.begin(), sums.end(), slopes.data(), [](double sum) { return static_cast<float>(sum); });
  layout.unpad(slopes, result.values);
  return result;
}

GradientSum joined(std::span<GradientSum const> sums) {
  BALLAST_EXPECT(!sums.empty());
  GradientSum result{sums.front().shape, {}, 0, 0};
  std::vector<double> values(sums.front().values.size());
  for (auto const& sum : sums) {
    BALLAST_EXPECT(sum.shape == result.shape && sum.values.size() == values.size());
    for (std::size_t i = 0; i < values.size(); ++i) values[i] += double{sum.values[i]};
    result.loss += sum.loss;
    result.rows += sum.rows;
  }
  result.values.reserve(values.size());
  for (auto const value : values) result.values.push_back(static_cast<float>(value));
  return result;
}

ModelState stepped(ModelState const& state, GradientSum const& sum, float learning_rate, InstructionLevel level) {
  BALLAST_EXPECT(sum.shape == state.shape && sum.rows > 0);
  std::vector<float> mean;
  mean.reserve(sum.values.size());
  for (auto const value : sum.values) mean.push_back(static_cast<float>(value / static_cast<double>(sum.rows)));
  Optimiser optimiser{state, kernels_of(level)};
  optimiser.step(PaddedLayout{state.shape}.padded(mean), learning_rate);
  return optimiser.state();
}

std::string encode(GradientSum const& sum) {
  ByteWriter writer;
  writer.number(gradient_version);
  for (auto const layer : {sum.shape.inputs, sum.shape.hidden, sum.shape.classes}) writer.number(layer);
  writer.number(sum.loss);
  writer.number(sum.rows);
  writer.text({reinterpret_cast<char const*>(sum.values.data()), sum.values.size() * sizeof(float)});
  return writer.take();
}

GradientSum decode_gradient(std::string_view bytes) {
  ByteReader reader{bytes};
  auto const version = reader.number<std::uint32_t>();
  if (version != gradient_version)
    throw EngineError{"a gradient cannot be read",
                      fmt::format("its version is {}, known is {}", version, gradient_version),
                      "use the same Ballast on all nodes and for --resume"};
  GradientSum sum;
  for (auto* const layer : {&sum.shape.inputs, &sum.shape.hidden, &sum.shape.classes})
    *layer = reader.number<std::uint32_t>();
  sum.loss = reader.number<double>();
  sum.rows = reader.number<std::uint64_t>();
  auto const values = reader.text();
  if (!sum.shape.is_possible() || values.size() != sizeof(float) * sum.shape.parameters() || !reader.at_end())
    throw EngineError{"a gradient cannot be read", "its size is not that of its network", ""};
  sum.values.resize(values.size() / sizeof(float));
  std::memcpy(sum.values.data(), values.data(), values.size());
  return sum;
}

}  // namespace ballast::learn
