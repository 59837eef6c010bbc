// Predictions, a batch at a time.
#include "ballast/learn/evaluation.hpp"

#include <algorithm>
#include <limits>

#include "ballast/core/contract.hpp"
#include "learn/network.hpp"

namespace ballast::learn {
namespace {

constexpr std::size_t batch_rows = 256;

}  // namespace

std::vector<std::uint32_t> predict(NetworkShape shape, std::span<float const> weights, Matrix const& rows,
                                   InstructionLevel level) {
  BALLAST_EXPECT(rows.columns == shape.inputs);
  Network network{shape, std::min(batch_rows, rows.rows), level};
  auto const parameters = network.layout().padded(weights);
  std::vector<std::uint32_t> predictions;
  predictions.reserve(rows.rows);
  for (std::size_t begin = 0; begin < rows.rows; begin += batch_rows) {
    auto const count = std::min(batch_rows, rows.rows - begin);
    network.forward(parameters, rows.row(begin).data(), count);
    for (std::size_t i = 0; i < count; ++i) {
      auto const* const logits = network.logits() + i * network.layout().classes();
      predictions.push_back(static_cast<std::uint32_t>(std::max_element(logits, logits + shape.classes) - logits));
    }
  }
  return predictions;
}

Evaluation evaluate(ModelState const& state, Dataset const& dataset, InstructionLevel level) {
  BALLAST_EXPECT(dataset.classes.size() == state.shape.classes);
  Evaluation result{std::numeric_limits<double>::quiet_NaN(),
                    predict(state.shape, state.weights(), dataset.features, level)};
  if (dataset.labels.empty()) return result;
  std::size_t right = 0;
  for (std::size_t i = 0; i < dataset.labels.size(); ++i) right += dataset.labels[i] == result.predictions[i] ? 1U : 0U;
  result.accuracy = static_cast<double>(right) / static_cast<double>(dataset.labels.size());
  return result;
}

}  // namespace ballast::learn
