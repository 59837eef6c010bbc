// The two layers as products of matrices.
#include "learn/network.hpp"

#include <algorithm>
#include <limits>

#include "ballast/core/contract.hpp"
#include "learn/portable_math.hpp"

namespace ballast::learn {
namespace {

constexpr Placing by_rows(std::size_t columns) { return {columns, lane_count}; }
constexpr Placing by_panels(std::size_t rows) { return {lane_count, rows * lane_count}; }

/// Where an element of a matrix of that many rows is, panel after panel.
constexpr std::size_t in_panels(std::size_t rows, std::size_t row, std::size_t column) {
  auto const placing = by_panels(rows);
  return column / lane_count * placing.panel + row * placing.row + column % lane_count;
}

/// Calls `pair(flat, padded)` for the place of every parameter in a state, and here.
template <class Pair>
void for_each_place(PaddedLayout const& layout, Pair pair) {
  auto const [inputs, hidden, classes] = layout.shape();
  std::size_t flat = 0;
  auto const layer = [&](std::size_t weights, std::size_t bias, std::size_t rows, std::size_t columns) {
    for (std::size_t row = 0; row < rows; ++row)
      for (std::size_t i = 0; i < columns; ++i) pair(flat++, weights + in_panels(rows, row, i));
    for (std::size_t i = 0; i < columns; ++i) pair(flat++, bias + i);
  };
  layer(layout.lower_weights(), layout.lower_bias(), inputs, hidden);
  layer(layout.upper_weights(), layout.upper_bias(), hidden, classes);
}

/// A likelihood that float32 rounds to 0 costs what the smallest would.
double cross_entropy(float likelihood) {
  if (likelihood != likelihood) return std::numeric_limits<double>::quiet_NaN();
  return -natural_logarithm(std::max(likelihood, std::numeric_limits<float>::min()));
}

}  // namespace

PaddedLayout::PaddedLayout(NetworkShape shape)
    : shape_{shape}, hidden_{whole_lines(shape.hidden)}, classes_{whole_lines(shape.classes)} {}

AlignedFloats PaddedLayout::padded(std::span<float const> parameters) const {
  BALLAST_EXPECT(parameters.size() == shape_.parameters());
  AlignedFloats result{size()};
  for_each_place(*this, [&](std::size_t flat, std::size_t place) { result.data()[place] = parameters[flat]; });
  return result;
}

void PaddedLayout::unpad(AlignedFloats const& padded, std::span<float> parameters) const {
  BALLAST_EXPECT(parameters.size() == shape_.parameters() && padded.size() == size());
  for_each_place(*this, [&](std::size_t flat, std::size_t place) { parameters[flat] = padded.data()[place]; });
}

Network::Network(NetworkShape shape, std::size_t most_rows, InstructionLevel level)
    : layout_{shape},
      most_rows_{most_rows},
      kernels_{kernels_of(level)},
      hidden_{most_rows * layout_.hidden()},
      logits_{most_rows * layout_.classes()},
      hidden_gradient_{most_rows * layout_.hidden()},
      upper_transposed_{layout_.classes() * layout_.hidden()},
      likelihoods_{most_rows} {}

void Network::forward(AlignedFloats const& parameters, float const* inputs, std::size_t rows) {
  BALLAST_EXPECT(rows <= most_rows_ && parameters.size() == layout_.size());
  auto const* const p = parameters.data();
  auto const shape = layout_.shape();
  kernels_.multiply({.a = inputs,
                     .row_stride = shape.inputs,
                     .step_stride = 1,
                     .b = p + layout_.lower_weights(),
                     .b_placing = by_panels(shape.inputs),
                     .c = hidden_.data(),
                     .c_placing = by_rows(layout_.hidden()),
                     .rows = rows,
                     .steps = shape.inputs,
                     .columns = layout_.hidden()});
  kernels_.add_bias(hidden_.data(), p + layout_.lower_bias(), rows, layout_.hidden());
  kernels_.rectify(hidden_.data(), rows * layout_.hidden());
  kernels_.multiply({.a = hidden_.data(),
                     .row_stride = layout_.hidden(),
                     .step_stride = 1,
                     .b = p + layout_.upper_weights(),
                     .b_placing = by_panels(shape.hidden),
                     .c = logits_.data(),
                     .c_placing = by_rows(layout_.classes()),
                     .rows = rows,
                     .steps = shape.hidden,
                     .columns = layout_.classes()});
  kernels_.add_bias(logits_.data(), p + layout_.upper_bias(), rows, layout_.classes());
}

double Network::backward(AlignedFloats const& parameters, float const* inputs, std::span<std::uint32_t const> labels,
                         float factor, AlignedFloats& gradient) {
  BALLAST_EXPECT(labels.size() <= most_rows_ && gradient.size() == layout_.size());
  auto const rows = labels.size();
  auto const shape = layout_.shape();
  auto* const g = gradient.data();
  kernels_.softmax({.logits = logits_.data(),
                    .labels = labels.data(),
                    .likelihoods = likelihoods_.data(),
                    .rows = rows,
                    .classes = shape.classes,
                    .columns = layout_.classes(),
                    .factor = factor});
  kernels_.multiply({.a = hidden_.data(),
                     .row_stride = 1,
                     .step_stride = layout_.hidden(),
                     .b = logits_.data(),
                     .b_placing = by_rows(layout_.classes()),
                     .c = g + layout_.upper_weights(),
                     .c_placing = by_panels(shape.hidden),
                     .rows = shape.hidden,
                     .steps = rows,
                     .columns = layout_.classes()});
  kernels_.sum_columns(logits_.data(), g + layout_.upper_bias(), rows, layout_.classes());
  transpose_upper(parameters.data() + layout_.upper_weights());
  kernels_.multiply({.a = logits_.data(),
                     .row_stride = layout_.classes(),
                     .step_stride = 1,
                     .b = upper_transposed_.data(),
                     .b_placing = by_rows(layout_.hidden()),
                     .c = hidden_gradient_.data(),
                     .c_placing = by_rows(layout_.hidden()),
                     .rows = rows,
                     .steps = shape.classes,
                     .columns = layout_.hidden()});
  kernels_.mask(hidden_gradient_.data(), hidden_.data(), rows * layout_.hidden());
  kernels_.multiply({.a = inputs,
                     .row_stride = 1,
                     .step_stride = shape.inputs,
                     .b = hidden_gradient_.data(),
                     .b_placing = by_rows(layout_.hidden()),
                     .c = g + layout_.lower_weights(),
                     .c_placing = by_panels(shape.inputs),
                     .rows = shape.inputs,
                     .steps = rows,
                     .columns = layout_.hidden()});
  kernels_.sum_columns(hidden_gradient_.data(), g + layout_.lower_bias(), rows, layout_.hidden());
  double loss = 0;
  for (std::size_t row = 0; row < rows; ++row) loss += cross_entropy(likelihoods_.data()[row]);
  return loss;
}

void Network::transpose_upper(float const* weights) {
  for (std::size_t unit = 0; unit < layout_.shape().hidden; ++unit)
    for (std::size_t i = 0; i < layout_.shape().classes; ++i)
      upper_transposed_.data()[i * layout_.hidden() + unit] = weights[in_panels(layout_.shape().hidden, unit, i)];
}

}  // namespace ballast::learn
