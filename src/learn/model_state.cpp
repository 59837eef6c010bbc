// How a state begins, is joined with others, and becomes bytes.
#include "ballast/learn/model_state.hpp"

#include <fmt/format.h>

#include <cmath>
#include <cstring>

#include "ballast/core/contract.hpp"
#include "ballast/core/error.hpp"
#include "core/bytes.hpp"
#include "learn/chance.hpp"

namespace ballast::learn {
namespace {

constexpr std::uint32_t version = 1;
constexpr std::uint32_t largest_layer = 1U << 24U;
constexpr std::size_t most_parameters = 1U << 30U;

void draw(std::span<float> weights, std::uint32_t inputs, Chance& chance) {
  auto const deviation = std::sqrt(2.0 / inputs);
  for (auto& weight : weights) weight = static_cast<float>(deviation * chance.normal());
}

}  // namespace

std::size_t NetworkShape::parameters() const {
  return (std::size_t{inputs} + 1) * hidden + (std::size_t{hidden} + 1) * classes;
}

bool NetworkShape::is_possible() const {
  for (auto const layer : {inputs, hidden, classes})
    if (layer < 1 || layer > largest_layer) return false;
  return parameters() <= most_parameters;
}

ModelState initial_state(NetworkShape shape, std::uint64_t seed) {
  if (!shape.is_possible())
    throw UsageError{
        fmt::format("there is no network {}-{}-{}", shape.inputs, shape.hidden, shape.classes),
        fmt::format("layers have 1 to {} units, all weights are {} at most", largest_layer, most_parameters),
        "give another --hidden"};
  ModelState state{shape, 0, std::vector<float>(3 * shape.parameters())};
  Chance chance{seed};
  auto const weights = std::span{state.values};
  auto const lower = std::size_t{shape.inputs} * shape.hidden;
  draw(weights.first(lower), shape.inputs, chance);
  draw(weights.subspan(lower + shape.hidden, std::size_t{shape.hidden} * shape.classes), shape.hidden, chance);
  return state;
}

ModelState average(std::span<ModelState const> states, std::span<double const> weights) {
  BALLAST_EXPECT(!states.empty() && states.size() == weights.size());
  double total = 0;
  double steps = 0;
  std::vector<double> sums(states.front().values.size());
  for (std::size_t k = 0; k < states.size(); ++k) {
    auto const& values = states[k].values;
    BALLAST_EXPECT(states[k].shape == states.front().shape && values.size() == sums.size() && weights[k] >= 0);
    total += weights[k];
    steps += weights[k] * static_cast<double>(states[k].steps);
    for (std::size_t i = 0; i < sums.size(); ++i) sums[i] += weights[k] * double{values[i]};
  }
  BALLAST_EXPECT(total > 0);
  ModelState result{states.front().shape, static_cast<std::uint64_t>(std::round(steps / total)), {}};
  result.values.reserve(sums.size());
  for (auto const sum : sums) result.values.push_back(static_cast<float>(sum / total));
  return result;
}

std::string encode(ModelState const& state) {
  ByteWriter writer;
  writer.number(version);
  for (auto const layer : {state.shape.inputs, state.shape.hidden, state.shape.classes}) writer.number(layer);
  writer.number(state.steps);
  writer.text({reinterpret_cast<char const*>(state.values.data()), state.values.size() * sizeof(float)});
  return writer.take();
}

ModelState decode_state(std::string_view bytes) {
  ByteReader reader{bytes};
  auto const written_by = reader.number<std::uint32_t>();
  if (written_by != version)
    throw EngineError{"a model state cannot be read",
                      fmt::format("its version is {}, known is {}", written_by, version),
                      "use the same Ballast on all nodes and for --resume"};
  ModelState state;
  for (auto* const layer : {&state.shape.inputs, &state.shape.hidden, &state.shape.classes})
    *layer = reader.number<std::uint32_t>();
  state.steps = reader.number<std::uint64_t>();
  auto const values = reader.text();
  if (!state.shape.is_possible() || values.size() != 3 * sizeof(float) * state.shape.parameters() || !reader.at_end())
    throw EngineError{"a model state cannot be read", "its size is not that of its network", ""};
  state.values.resize(values.size() / sizeof(float));
  std::memcpy(state.values.data(), values.data(), values.size());
  return state;
}

}  // namespace ballast::learn
