// Training: the same bits each time, gradients that are right, averages, and a model that learns.
#include <algorithm>
#include <cmath>

#include "ballast/core/contract.hpp"
#include "ballast/core/error.hpp"
#include "ballast/learn/evaluation.hpp"
#include "ballast/learn/training.hpp"
#include "learn/network.hpp"
#include "support/catch.hpp"
#include "support/learn_scene.hpp"
#include "support/thrown.hpp"

using namespace ballast;
using namespace ballast::learn;
using namespace ballast::testing;

namespace {

constexpr NetworkShape shape{20, 19, 3};  // no layer fills its panels

std::vector<InstructionLevel> levels() {
  std::vector<InstructionLevel> all{InstructionLevel::generic};
  for (auto const level : {InstructionLevel::avx2, InstructionLevel::avx512})
    if (level <= native_level()) all.push_back(level);
  return all;
}

/// The cross-entropy of one row, in double and by the book.
double loss_of_row(std::vector<double> const& p, NetworkShape s, std::span<float const> row, std::uint32_t label) {
  auto const* at = p.data();
  auto const layer = [&](std::vector<double> const& from, std::size_t units) {
    std::vector<double> to(units);
    for (std::size_t unit = 0; unit < units; ++unit) {
      to[unit] = at[from.size() * units + unit];
      for (std::size_t i = 0; i < from.size(); ++i) to[unit] += from[i] * at[i * units + unit];
    }
    at += (from.size() + 1) * units;
    return to;
  };
  auto hidden = layer({row.begin(), row.end()}, s.hidden);
  for (auto& value : hidden) value = std::max(value, 0.0);
  auto const logits = layer(hidden, s.classes);
  double sum = 0;
  for (auto const logit : logits) sum += std::exp(logit);
  return std::log(sum) - logits[label];
}

double loss_of(std::vector<double> const& parameters, NetworkShape s, Dataset const& dataset) {
  double loss = 0;
  for (std::size_t i = 0; i < dataset.labels.size(); ++i)
    loss += loss_of_row(parameters, s, dataset.features.row(i), dataset.labels[i]);
  return loss;
}

ModelState after_rounds(Dataset const& dataset, std::uint32_t rounds, std::size_t shards) {
  auto state = initial_state(shape, 1);
  auto const ranges = shard_ranges(dataset.labels.size(), shards);
  for (std::uint32_t round = 0; round < rounds; ++round) {
    std::vector<ModelState> states;
    std::vector<double> rows;
    for (std::uint32_t shard = 0; shard < ranges.size(); ++shard) {
      auto const part = rows_of(dataset, ranges[shard]);
      states.push_back(train_shard(state, part, {.learning_rate = 1e-2F}, {7, round, shard}).state);
      rows.push_back(static_cast<double>(part.labels.size()));
    }
    state = average(states, rows);
  }
  return state;
}

}  // namespace

TEST_CASE("gradient and loss are those of differences, at every level") {
  auto const data = clouds(300);  // more than one block of rows
  auto const state = initial_state(shape, 3);
  std::vector<double> const parameters{state.weights().begin(), state.weights().end()};
  for (auto const level : levels()) {
    auto const found = gradient(state, data, level);
    CHECK(found.rows == 300);
    CHECK(found.loss == Approx(loss_of(parameters, shape, data)).epsilon(1e-5));
    for (std::size_t i = 0; i < parameters.size(); i += 7) {
      auto moved = parameters;
      constexpr double little = 1e-6;
      moved[i] += little;
      auto const above = loss_of(moved, shape, data);
      moved[i] -= 2 * little;
      auto const slope = (above - loss_of(moved, shape, data)) / (2 * little);
      CHECK(double{found.values[i]} == Approx(slope).epsilon(1e-3).margin(1e-2));
    }
  }
}

TEST_CASE("gradients of shards, joined, are that of one node up to rounding") {
  auto const data = clouds(301);
  auto const state = initial_state(shape, 3);
  auto const whole = gradient(state, data);
  std::vector<GradientSum> parts;
  for (auto const range : shard_ranges(301, 5)) parts.push_back(gradient(state, rows_of(data, range)));
  auto const sum = joined(parts);
  CHECK(sum.rows == whole.rows);
  CHECK(sum.loss == Approx(whole.loss));
  for (std::size_t i = 0; i < whole.values.size(); ++i)
    CHECK(sum.values[i] == Approx(whole.values[i]).epsilon(1e-4).margin(1e-3));
  CHECK(stepped(state, sum, 1e-3F).steps == 1);
}

TEST_CASE("the first step of Adam moves each weight by the learning rate, against its gradient") {
  auto const data = clouds(50);
  auto const state = initial_state(shape, 3);
  auto const sum = gradient(state, data);
  auto const next = stepped(state, sum, 0.125F);
  for (std::size_t i = 0; i < sum.values.size(); ++i) {
    auto const moved = next.values[i] - state.values[i];
    auto const slope = sum.values[i] / 50;
    if (std::abs(slope) > 1e-4F) CHECK(moved == Approx(slope > 0 ? -0.125 : 0.125).epsilon(1e-3));
    CHECK(next.values[i + sum.values.size()] == Approx(0.1F * slope).margin(1e-9));
    CHECK(next.values[i + 2 * sum.values.size()] == Approx(0.001F * slope * slope).margin(1e-12));
  }
}

TEST_CASE("a batch of all rows takes the same step as the gradient does") {
  auto const data = clouds(40);
  auto const state = stepped(initial_state(shape, 3), gradient(initial_state(shape, 3), data), 1e-2F);
  auto const by_batch = train_shard(state, data, {.batch = 40, .learning_rate = 1e-2F}, {});
  auto const sum = gradient(state, data);
  auto const by_sum = stepped(state, sum, 1e-2F);
  CHECK(by_batch.loss == Approx(sum.loss / 40));
  CHECK(by_batch.state.steps == 2);
  for (std::size_t i = 0; i < by_sum.values.size(); ++i)
    CHECK(by_batch.state.values[i] == Approx(by_sum.values[i]).epsilon(1e-3).margin(1e-5));
}

TEST_CASE("the same arguments give the same bits; another seed, round or shard another order") {
  auto const data = clouds(100);
  auto const state = initial_state(shape, 1);
  auto const trained = [&](ShardTurn turn) { return encode(train_shard(state, data, {.epochs = 2}, turn).state); };
  auto const once = trained({1, 2, 3});
  CHECK((trained({1, 2, 3}) == once));
  CHECK((trained({2, 2, 3}) != once));
  CHECK((trained({1, 3, 2}) != once));
  CHECK((trained({1, 2, 4}) != once));
}

TEST_CASE("levels train alike: what they compute differs by rounding") {
  auto const data = clouds(64);
  auto const state = initial_state(shape, 1);
  auto const generic = train_shard(state, data, {}, {}, InstructionLevel::generic);
  for (auto const level : levels()) {
    auto const other = train_shard(state, data, {}, {}, level);
    CHECK(other.loss == Approx(generic.loss).epsilon(1e-4));
    for (std::size_t i = 0; i < shape.parameters(); ++i)
      CHECK(other.state.values[i] == Approx(generic.state.values[i]).margin(1e-4));
  }
}

TEST_CASE("the beginning is the same on every machine: its first numbers are known") {
  auto const state = initial_state({784, 128, 10}, 1);
  CHECK(state.steps == 0);
  CHECK(initial_state({784, 128, 10}, 2).values != state.values);
  double squares = 0;
  for (std::size_t i = 0; i < 784 * 128; ++i) squares += double{state.values[i]} * state.values[i];
  CHECK(squares / (784 * 128) == Approx(2.0 / 784).epsilon(0.02));
  for (std::size_t i = 0; i < 128; ++i) REQUIRE(state.values[784 * 128 + i] == 0);
  for (std::size_t i = state.values.size() / 3; i < state.values.size(); ++i) REQUIRE(state.values[i] == 0);
  CHECK(state.values[0] == -0.0328344703F);
  CHECK(state.values[1] == 0.0730775222F);
}

TEST_CASE("our own logarithm and power are those of the library, nearly to the last bit") {
  for (auto const x : {1e-300, 1e-9, 0.3, 0.70710678, 0.7072, 0.999999, 1.0, 1.5, 2.0, 1e17})
    CHECK(natural_logarithm(x) == Approx(std::log(x)).epsilon(1e-15).margin(1e-300));
  CHECK(power(0.999, 1001) == Approx(std::pow(0.999, 1001)).epsilon(1e-13));
  CHECK(power(0.9, 0) == 1);
}

TEST_CASE("an average weighs, takes moments and steps along, and depends on nothing else") {
  auto low = initial_state({1, 1, 1}, 1);
  auto high = low;
  std::fill(low.values.begin(), low.values.end(), 1.0F);
  std::fill(high.values.begin(), high.values.end(), 5.0F);
  low.steps = 10;
  high.steps = 30;
  std::vector<ModelState> const both{low, high};
  auto const mean = average(both, std::vector<double>{3, 1});
  CHECK(mean.values == std::vector<float>(12, 2.0F));
  CHECK(mean.steps == 15);
  CHECK(average(both, std::vector<double>{0, 2}).values == high.values);
  CHECK((encode(average(both, std::vector<double>{1, 1})) == encode(average(both, std::vector<double>{1, 1}))));
  CHECK_THROWS_AS(average(both, std::vector<double>{0, 0}), ContractViolation);
  high.shape.hidden = 2;
  CHECK_THROWS_AS(average(std::vector{low, high}, std::vector<double>{1, 1}), ContractViolation);
}

TEST_CASE("a model of four shards, averaged each round, knows clouds it has not seen") {
  auto const train = clouds(400);
  auto const test = clouds(300, 2);
  CHECK(evaluate(initial_state(shape, 1), test).accuracy < 0.7);
  CHECK(evaluate(after_rounds(train, 5, 1), test).accuracy > 0.97);
  CHECK(evaluate(after_rounds(train, 5, 4), test).accuracy > 0.97);
}

TEST_CASE("rounds of few steps go through the whole shard, and are those of one long round") {
  auto const data = clouds(50);
  auto const start = initial_state(shape, 1);
  TrainingOptions const often{.steps = 3, .batch = 8};  // seven batches an epoch
  auto state = start;
  for (std::uint32_t round = 1; round <= 7; ++round) state = train_shard(state, data, often, {5, round, 2}).state;
  auto const once = train_shard(start, data, {.steps = 21, .batch = 8}, {5, 1, 2}).state;
  CHECK(state.steps == 21);
  CHECK(state.values == once.values);
  auto const other = train_shard(start, data, {.steps = 21, .batch = 8}, {5, 2, 2}).state;
  CHECK(other.values != once.values);
}

TEST_CASE("an empty shard changes nothing, and a test without rows has no accuracy") {
  Dataset const none{{0, shape.inputs, {}}, {}, {0, 1, 2}};
  auto const state = initial_state(shape, 1);
  auto const trained = train_shard(state, none, {}, {});
  CHECK(trained.state.values == state.values);
  CHECK(trained.loss == 0);
  CHECK(gradient(state, none).rows == 0);
  CHECK(std::isnan(evaluate(state, none).accuracy));
}

TEST_CASE("a training that diverges says so by its loss") {
  auto state = initial_state(shape, 1);
  state.values[0] = std::numeric_limits<float>::quiet_NaN();
  CHECK(std::isnan(train_shard(state, clouds(40), {}, {}).loss));
}

TEST_CASE("states and gradients survive the wire; what was damaged is refused before memory is taken") {
  auto const state = stepped(initial_state(shape, 1), gradient(initial_state(shape, 1), clouds(9)), 1e-3F);
  auto const bytes = encode(state);
  auto const back = decode_state(bytes);
  CHECK(back.shape == state.shape);
  CHECK(back.steps == 1);
  CHECK(back.values == state.values);
  for (std::size_t size = 0; size < bytes.size(); size += 97)
    CHECK_THROWS_AS(decode_state(std::string_view{bytes}.substr(0, size)), EngineError);
  CHECK_THROWS_AS(decode_state(bytes + "x"), EngineError);
  auto wrong = bytes;
  wrong[4 + 3] = '\x7f';  // two thousand million inputs
  CHECK(has(text_thrown_by([&] { (void)decode_state(wrong); }), "its size is not that of its network"));
  wrong = bytes;
  wrong[0] = '\x02';
  CHECK(has(text_thrown_by([&] { (void)decode_state(wrong); }), "its version is 2, known is 1"));
  auto const sum = gradient(state, clouds(9));
  auto const again = decode_gradient(encode(sum));
  CHECK(again.values == sum.values);
  CHECK(again.loss == sum.loss);
  CHECK(again.rows == 9);
  CHECK_THROWS_AS(decode_gradient(encode(sum).substr(1)), EngineError);
}

TEST_CASE("a network that is empty or too large is refused with its shape") {
  CHECK(has(text_thrown_by([] { (void)initial_state({784, 0, 10}, 1); }), "there is no network 784-0-10"));
  CHECK(has(text_thrown_by([] { (void)initial_state({1U << 20U, 1U << 20U, 10}, 1); }), "give another --hidden"));
}
