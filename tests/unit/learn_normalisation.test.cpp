// Normalisation: mean 0, variance 1, and no feature that breaks it.
#include <cmath>

#include "ballast/learn/normalisation.hpp"
#include "support/catch.hpp"
#include "support/learn_scene.hpp"

using namespace ballast::learn;
using namespace ballast::testing;

namespace {

Normalisation normalisation_of(Matrix const& rows, Scaling scaling) {
  FeatureMoments moments;
  moments.add(rows);
  return moments.normalisation(scaling);
}

}  // namespace

TEST_CASE("each feature alone, or all together, have mean 0 and variance 1 afterwards") {
  Matrix const rows{2, 2, {1, 10, 3, 30}};
  auto each = rows;
  normalise(each, normalisation_of(rows, Scaling::each_feature));
  CHECK(each.values == std::vector<float>{-1, -1, 1, 1});
  auto all = rows;
  auto const common = normalisation_of(rows, Scaling::all_features);
  CHECK(common.mean == std::vector<float>{11, 11});
  CHECK(common.scale[0] == common.scale[1]);
  normalise(all, common);
  double sum = 0;
  double squares = 0;
  for (auto const value : all.values) {
    sum += value;
    squares += double{value} * value;
  }
  CHECK(sum == Approx(0).margin(1e-6));
  CHECK(squares == Approx(4));
}

TEST_CASE("the moments of shards, joined, are those of the whole") {
  auto const dataset = clouds(101);
  auto const& whole = dataset.features;
  FeatureMoments joined;
  for (auto const range : shard_ranges(101, 7)) {
    FeatureMoments shard;
    shard.add(rows_of(dataset, range).features, whole.columns);
    joined.join(shard);
  }
  joined.join(FeatureMoments{});
  CHECK(joined.rows() == 101);
  for (auto const scaling : {Scaling::each_feature, Scaling::all_features}) {
    auto const expected = normalisation_of(whole, scaling);
    auto const found = joined.normalisation(scaling);
    for (std::size_t i = 0; i < whole.columns; ++i) {
      CHECK(found.mean[i] == Approx(expected.mean[i]).margin(1e-7));
      CHECK(found.scale[i] == Approx(expected.scale[i]));
    }
  }
}

TEST_CASE("what does not vary has scale 1, nor what varies by the rounding of float32 only") {
  for (auto const value : {0.0F, 0.1F, 255.0F, 1e20F}) {
    Matrix const constant{1000, 3, std::vector<float>(3000, value)};
    for (auto const scaling : {Scaling::each_feature, Scaling::all_features}) {
      auto const found = normalisation_of(constant, scaling);
      CHECK(found.scale == std::vector<float>{1, 1, 1});
      auto rows = constant;
      normalise(rows, found);
      CHECK(rows.values == std::vector<float>(3000, 0.0F));
    }
  }
  CHECK(normalisation_of({2, 1, {1e6F, 1e6F + 0.0625F}}, Scaling::each_feature).scale == std::vector<float>{1});
  CHECK(normalisation_of({2, 1, {1e6F, 1e6F + 1}}, Scaling::each_feature).scale == std::vector<float>{0.5F});
}
