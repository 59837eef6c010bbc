// Exact search: the same bytes however base and queries are cut, and true where single precision alone would be wrong.
#include <algorithm>
#include <random>
#include <tuple>
#include <utility>
#include <vector>

#include "ballast/search/exact_index.hpp"
#include "support/catch.hpp"

using namespace ballast;

namespace {

constexpr Metric metrics[] = {Metric::l2, Metric::inner_product, Metric::cosine};

std::vector<float> random_vectors(std::size_t rows, std::size_t dimension, unsigned seed, float centre = 0) {
  std::mt19937 chance{seed};
  std::normal_distribution<float> component{centre, 1};
  std::vector<float> values(rows * dimension);
  std::generate(values.begin(), values.end(), [&] { return component(chance); });
  return values;
}

/// By measuring everything.
Neighbours measured_by_hand(Vectors base, Vectors queries, std::size_t k, Metric metric) {
  Neighbours found{queries.rows(), k};
  for (std::size_t query = 0; query < queries.rows(); ++query) {
    std::vector<std::pair<float, std::int64_t>> all;
    for (std::size_t row = 0; row < base.rows(); ++row)
      all.emplace_back(exact_distance(metric, queries, query, base, row), static_cast<std::int64_t>(row));
    std::sort(all.begin(), all.end());
    for (std::size_t place = 0; place < std::min(k, all.size()); ++place)
      std::tie(found.distances[query * k + place], found.ids[query * k + place]) = all[place];
  }
  return found;
}

Neighbours found_in_shards(Vectors base, Vectors queries, std::size_t k, Metric metric,
                           std::vector<std::size_t> const& cuts) {
  std::vector<Neighbours> parts;
  for (std::size_t cut = 0; cut + 1 < cuts.size(); ++cut)
    parts.push_back(ExactIndex{base.part(cuts[cut], cuts[cut + 1] - cuts[cut]), cuts[cut], metric}.search(queries, k));
  std::reverse(parts.begin(), parts.end());
  return merge_nearest(parts);
}

}  // namespace

TEST_CASE("the nearest are those of measuring everything, at any dimension and any metric") {
  for (auto const dimension : {1UL, 3UL, 16UL, 17UL, 100UL}) {
    auto const base = random_vectors(2100, dimension, 1);
    auto const queries = random_vectors(7, dimension, 2);
    for (auto const metric : metrics)
      CHECK(ExactIndex{{base, dimension}, 0, metric}.search({queries, dimension}, 9) ==
            measured_by_hand({base, dimension}, {queries, dimension}, 9, metric));
  }
}

TEST_CASE("neighbours that single precision cannot tell apart are in their true order") {
  auto const dimension = std::size_t{64};
  auto const base = random_vectors(600, dimension, 3, 10'000);  // the norms drown the differences
  auto const queries = random_vectors(5, dimension, 4, 10'000);
  for (auto const metric : metrics)
    CHECK(ExactIndex{{base, dimension}, 0, metric}.search({queries, dimension}, 20) ==
          measured_by_hand({base, dimension}, {queries, dimension}, 20, metric));
}

TEST_CASE("shards give the same bytes as the whole, wherever it is cut") {
  auto const base = random_vectors(1500, 24, 5, 100);
  auto const queries = random_vectors(600, 24, 6, 100);
  for (auto const metric : metrics) {
    auto const whole = ExactIndex{{base, 24}, 0, metric}.search({queries, 24}, 10);
    CHECK(found_in_shards({base, 24}, {queries, 24}, 10, metric, {0, 1, 5, 700, 1500}) == whole);
    CHECK(found_in_shards({base, 24}, {queries, 24}, 10, metric, {0, 375, 750, 1125, 1500}) == whole);
  }
}

TEST_CASE("a query has the same neighbours alone and among others") {
  auto const base = random_vectors(1500, 30, 7);
  auto const queries = random_vectors(40, 30, 8);
  ExactIndex const index{{base, 30}, 0, Metric::l2};
  auto const together = index.search({queries, 30}, 5);
  for (std::size_t query = 0; query < 40; ++query) {
    auto const alone = index.search(Vectors{queries, 30}.part(query, 1), 5);
    CHECK(
        std::equal(alone.ids.begin(), alone.ids.end(), together.ids.begin() + static_cast<std::ptrdiff_t>(query * 5)));
    CHECK(std::equal(alone.distances.begin(), alone.distances.end(),
                     together.distances.begin() + static_cast<std::ptrdiff_t>(query * 5)));
  }
}

TEST_CASE("every instruction level of this processor finds the same bytes") {
  auto const base = random_vectors(1100, 37, 9);
  auto const queries = random_vectors(20, 37, 10);
  for (auto const metric : metrics) {
    auto const generic = ExactIndex{{base, 37}, 0, metric, InstructionLevel::generic}.search({queries, 37}, 10);
    for (auto const level : {InstructionLevel::avx2, InstructionLevel::avx512})
      if (level <= native_level()) CHECK(ExactIndex{{base, 37}, 0, metric, level}.search({queries, 37}, 10) == generic);
  }
}

TEST_CASE("equal distances are ordered by id, even when a whole base is one vector") {
  std::vector<float> const base(5000 * 4, 3.0F);
  std::vector<float> const query{1, 2, 3, 4};
  for (auto const metric : metrics) {
    auto const found = ExactIndex{{base, 4}, 100, metric}.search({query, 4}, 3);
    CHECK(found.ids == std::vector<std::int64_t>{100, 101, 102});
  }
}

TEST_CASE("a vector of zeros is at cosine distance 1 from everything") {
  std::vector<float> const base{0, 0, 1, 0, -1, 0};
  std::vector<float> const queries{0, 0, 2, 0};
  auto const found = ExactIndex{{base, 2}, 0, Metric::cosine}.search({queries, 2}, 3);
  CHECK(found.ids == std::vector<std::int64_t>{0, 1, 2, 1, 0, 2});
  CHECK(found.distances == std::vector<float>{1, 1, 1, 0, 1, 2});
}

TEST_CASE("where the base has fewer than k, the places left are marked") {
  std::vector<float> const base{1, 5};
  std::vector<float> const query{2};
  auto const found = ExactIndex{{base, 1}, 7, Metric::l2}.search({query, 1}, 3);
  CHECK(found.ids == std::vector<std::int64_t>{7, 8, no_neighbour});
  CHECK(found.distances == std::vector<float>{1, 9, no_distance});
}

TEST_CASE("numbers at the ends of what a float can hold keep their order") {
  auto const huge = 3e38F;
  auto const tiny = 1e-40F;
  std::vector<float> const base{huge, huge, -huge, huge, tiny, 0, 3 * tiny, 0, 0, 0};
  std::vector<float> const queries{huge, 0.9F * huge, 2.6F * tiny, 0};
  for (auto const metric : metrics)
    CHECK(ExactIndex{{base, 2}, 0, metric}.search({queries, 2}, 5) ==
          measured_by_hand({base, 2}, {queries, 2}, 5, metric));
}

TEST_CASE("an inner product is shown with its own sign, the largest first") {
  std::vector<float> const base{1, 3, 2};
  std::vector<float> const query{2};
  auto found = ExactIndex{{base, 1}, 0, Metric::inner_product}.search({query, 1}, 4);
  show_distances(Metric::inner_product, found);
  CHECK(found.ids == std::vector<std::int64_t>{1, 2, 0, no_neighbour});
  CHECK(found.distances == std::vector<float>{6, 4, 2, no_distance});
}
