// Kernels: the same bits at every level, and the bound that exact search relies on.
#include <algorithm>
#include <cmath>
#include <limits>
#include <random>
#include <vector>

#include "search/kernels.hpp"
#include "search/score.hpp"
#include "support/catch.hpp"

using namespace ballast;

namespace {

std::vector<float> random_vector(std::size_t dimension, unsigned seed) {
  std::mt19937 chance{seed};
  std::normal_distribution<float> component{1, 1};
  std::vector<float> values(dimension);
  std::generate(values.begin(), values.end(), [&] { return component(chance); });
  return values;
}

/// Magnitudes far apart, so that a fused multiply-add shows.
std::vector<float> scattered_vector(std::size_t dimension, unsigned seed) {
  auto values = random_vector(dimension, seed);
  for (std::size_t i = 0; i < dimension; ++i) values[i] = std::ldexp(values[i], static_cast<int>(i * seed % 31) - 15);
  return values;
}

std::vector<InstructionLevel> levels() {
  std::vector<InstructionLevel> all{InstructionLevel::generic};
  for (auto const level : {InstructionLevel::avx2, InstructionLevel::avx512})
    if (level <= native_level()) all.push_back(level);
  return all;
}

}  // namespace

TEST_CASE("sums in double have the same bits at every level, at any dimension") {
  for (std::size_t dimension = 1; dimension < 200; ++dimension) {
    auto const a = scattered_vector(dimension, 7);
    auto const b = scattered_vector(dimension, 11);
    auto const& generic = kernels_of(InstructionLevel::generic);
    for (auto const level : levels()) {
      auto const& kernels = kernels_of(level);
      CHECK(kernels.squared_difference(a.data(), b.data(), dimension) ==
            generic.squared_difference(a.data(), b.data(), dimension));
      CHECK(kernels.dot(a.data(), b.data(), dimension) == generic.dot(a.data(), b.data(), dimension));
    }
  }
}

TEST_CASE("every level is near what is true, at any dimension") {
  for (std::size_t dimension = 1; dimension < 150; ++dimension) {
    auto const a = random_vector(dimension + 1, 3);  // the last is what cosine finds behind the components
    auto const b = random_vector(dimension + 1, 4);
    double square = 0;
    double dot = 0;
    for (std::size_t i = 0; i < dimension; ++i) {
      square += (double{a[i]} - b[i]) * (double{a[i]} - b[i]);
      dot += double{a[i]} * b[i];
    }
    for (auto const level : levels()) {
      auto const& kernels = kernels_of(level);
      auto const near = [dimension](double value) {
        return Approx(value).epsilon(1e-4).margin(1e-6 * static_cast<double>(dimension));
      };
      CHECK(kernels.squared_difference(a.data(), b.data(), dimension) == Approx(square));
      CHECK(double{kernels.near_l2(a.data(), b.data(), &dimension)} == near(square));
      CHECK(double{kernels.near_inner_product(a.data(), b.data(), &dimension)} == near(-dot));
      CHECK(double{kernels.near_cosine(a.data(), b.data(), &dimension)} == near(1 - dot * a.back() * b.back()));
    }
  }
}

TEST_CASE("who is not above the limit is kept, whatever is not a number, too") {
  std::vector<float> const shifts(37, 1.0F);
  std::vector<float> const factors(37, 2.0F);
  std::vector<float> dots(37, -1.0F);    // score 3
  dots[0] = dots[20] = dots[36] = 1.0F;  // score −1
  dots[9] = std::numeric_limits<float>::quiet_NaN();
  for (auto const level : levels()) {
    std::vector<float> scores(37);
    std::vector<std::uint32_t> positions(37);
    positions.resize(kernels_of(level).keep_low(dots.data(), shifts.data(), factors.data(), 37, -1.0F, scores.data(),
                                                positions.data()));
    CHECK(positions == std::vector<std::uint32_t>{0, 9, 20, 36});
    CHECK((scores[0] == -1 && std::isnan(scores[1]) && scores[3] == -1));
  }
}

TEST_CASE("a product summed one by one, the worst of all orders, stays within the bound") {
  constexpr std::size_t dimension = 100'000;
  float sum = 0;
  for (std::size_t i = 0; i < dimension; ++i) sum += 0.1F * 0.1F;
  auto const truth = double{0.1F} * double{0.1F} * static_cast<double>(dimension);
  ScoreScale const scale{.query_norm = std::sqrt(truth), .row_norm = std::sqrt(truth), .factor = 1};
  auto const wrong = std::abs(sum - truth);
  CHECK(wrong > 0.5);
  CHECK(wrong <= score_error(Metric::inner_product, scale, dimension));
  CHECK(2 * wrong <= score_error(Metric::l2, scale, dimension));
  CHECK(wrong / scale.row_norm <= score_error(Metric::cosine, scale, dimension));
}
