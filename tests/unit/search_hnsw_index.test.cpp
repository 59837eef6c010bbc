// HNSW: finds nearly all, the same each time, and a saved graph is the graph or an error.
#include <algorithm>
#include <random>
#include <vector>

#include "ballast/search/exact_index.hpp"
#include "ballast/search/hnsw_index.hpp"
#include "ballast/search/recall.hpp"
#include "support/catch.hpp"
#include "support/temporary_folder.hpp"
#include "support/thrown.hpp"

using namespace ballast;
using testing::has;
using testing::TemporaryFolder;
using testing::text_thrown_by;

namespace {

constexpr std::size_t dimension = 20;

std::vector<float> random_vectors(std::size_t rows, unsigned seed) {
  std::mt19937 chance{seed};
  std::normal_distribution<float> component{1, 1};
  std::vector<float> values(rows * dimension);
  std::generate(values.begin(), values.end(), [&] { return component(chance); });
  return values;
}

HnswIndex built(Vectors base, Metric metric, std::uint64_t first_id = 0) {
  HnswIndex index{
      {.metric = metric, .dimension = dimension, .m = 12, .ef_construction = 80, .seed = 5}, base.rows(), first_id};
  index.add(base);
  return index;
}

}  // namespace

TEST_CASE("HNSW finds nearly all of the true neighbours, and says their exact distances") {
  auto const base = random_vectors(2000, 1);
  auto const queries = random_vectors(50, 2);
  for (auto const metric : {Metric::l2, Metric::cosine, Metric::inner_product}) {
    auto const truth = ExactIndex{{base, dimension}, 40, metric}.search({queries, dimension}, 5);
    auto const found = built({base, dimension}, metric, 40).search({queries, dimension}, 5, 200);
    CHECK(recall_by_ids(found, truth.ids, 5) > 0.97);
    if (found.ids[0] == truth.ids[0]) CHECK(found.distances[0] == truth.distances[0]);
  }
}

TEST_CASE("the same vectors and seed give the same graph, added at once or in pieces") {
  auto const values = random_vectors(800, 3);
  auto const queries = random_vectors(30, 4);
  Vectors const base{values, dimension};
  auto at_once = built(base, Metric::l2);
  HnswIndex in_pieces{at_once.parameters(), 800, 0};
  for (std::size_t first = 0; first < 800; first += 100) in_pieces.add(base.part(first, 100));
  CHECK(at_once.search({queries, dimension}, 10, 10) == in_pieces.search({queries, dimension}, 10, 10));
}

TEST_CASE("a graph that was saved and loaded answers as before") {
  TemporaryFolder const folder;
  auto const path = (folder / "shard.hnsw").string();
  auto const base = random_vectors(700, 5);
  auto const queries = random_vectors(30, 6);
  for (auto const metric : {Metric::l2, Metric::cosine}) {
    auto index = built({base, dimension}, metric, 1000);
    index.save(path);
    auto loaded = HnswIndex::load(path);
    CHECK(loaded.parameters() == index.parameters());
    CHECK((loaded.rows() == 700 && loaded.first_id() == 1000));
    CHECK(loaded.search({queries, dimension}, 10, 20) == index.search({queries, dimension}, 10, 20));
  }
}

TEST_CASE("a graph knows its vectors from others, and from the same in another order") {
  auto const base = random_vectors(30, 10);
  for (auto const metric : {Metric::l2, Metric::cosine, Metric::inner_product}) {
    auto const index = built({base, dimension}, metric);
    CHECK(index.holds({base, dimension}));
    CHECK_FALSE(index.holds(Vectors{base, dimension}.part(0, 29)));
    CHECK_FALSE(index.holds({base, 2 * dimension}));
    auto rotated = base;
    std::rotate(rotated.begin(), rotated.begin() + dimension, rotated.end());
    CHECK_FALSE(index.holds({rotated, dimension}));
    auto changed = base;
    changed.back() += 1;
    CHECK_FALSE(index.holds({changed, dimension}));
  }
}

TEST_CASE("a graph file with any byte flipped, or cut anywhere, is refused") {
  TemporaryFolder const folder;
  auto const path = (folder / "shard.hnsw").string();
  built({random_vectors(20, 7), dimension}, Metric::l2).save(path);
  auto const whole = testing::bytes_of(path);
  for (std::size_t at = 0; at < whole.size(); at += 97) {
    auto damaged = whole;
    damaged[at] = static_cast<char>(damaged[at] ^ 1);
    auto const flipped = folder.file("flipped.hnsw", damaged);
    CHECK(has(text_thrown_by([&] { static_cast<void>(HnswIndex::load(flipped)); }), "cannot use the index"));
    auto const cut = folder.file("cut.hnsw", whole.substr(0, at));
    CHECK(has(text_thrown_by([&] { static_cast<void>(HnswIndex::load(cut)); }), "cannot use the index"));
  }
}

TEST_CASE("an index of a place that cannot be written or read is a clear error") {
  auto const values = random_vectors(5, 8);
  auto const index = built({values, dimension}, Metric::l2);
  CHECK(has(text_thrown_by([&] { index.save("/nowhere/at/all"); }), "cannot write the index /nowhere/at/all"));
  CHECK(has(text_thrown_by([] { static_cast<void>(HnswIndex::load("/nowhere/at/all")); }),
            "cannot read the index /nowhere/at/all (No such file or directory)"));
}

TEST_CASE("an empty graph finds nobody, and impossible parameters are a usage error") {
  auto const queries = random_vectors(1, 9);
  HnswIndex empty{{.dimension = dimension}, 0, 0};
  CHECK(empty.search({queries, dimension}, 2, 10) == Neighbours{1, 2});
  CHECK(has(text_thrown_by([] { HnswIndex{{.dimension = dimension, .m = 1}, 1, 0}; }), "no HNSW graph with m 1"));
}
