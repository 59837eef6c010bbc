// Joining answers, counting recall and writing results.
#include <vector>

#include "ballast/search/neighbours.hpp"
#include "ballast/search/recall.hpp"
#include "ballast/search/result_format.hpp"
#include "ballast/search/vector_file.hpp"
#include "support/catch.hpp"
#include "support/temporary_folder.hpp"
#include "support/thrown.hpp"

using namespace ballast;
using testing::has;
using testing::TemporaryFolder;
using testing::text_thrown_by;

namespace {

Neighbours answer(std::size_t k, std::vector<std::int64_t> ids, std::vector<float> distances) {
  Neighbours neighbours;
  neighbours.k = k;
  neighbours.ids = std::move(ids);
  neighbours.distances = std::move(distances);
  return neighbours;
}

std::vector<std::int64_t> ids_in(std::string const& path) {
  auto const file = make_vector_file(path);
  std::vector<std::int64_t> ids(file->rows() * file->dimension());
  file->read_ids(0, file->rows(), ids);
  return ids;
}

}  // namespace

TEST_CASE("answers of shards become one by distance, then id, whatever their order") {
  auto const none = no_distance;
  auto const a = answer(2, {4, 9, 3, no_neighbour}, {1, 2, 5, none});
  auto const b = answer(2, {2, 7, no_neighbour, no_neighbour}, {1, 1.5, none, none});
  auto const merged = answer(2, {2, 4, 3, no_neighbour}, {1, 1, 5, none});
  CHECK(merge_nearest(std::vector{a, b}) == merged);
  CHECK(merge_nearest(std::vector{b, a}) == merged);
}

TEST_CASE("recall by distance counts a tie whichever was named, by id only the one that was") {
  auto const found = answer(2, {1, 5, 2, no_neighbour}, {1, 2.00001F, 8, no_distance});
  CHECK(recall_by_distance(found, std::vector<float>{2, 7}) == 0.25 + 0.25);
  CHECK(recall_by_ids(found, std::vector<std::int64_t>{1, 3, 5, 2, 4, 6}, 3) == 0.5);
  auto const negative = answer(1, {1, 2}, {-4.00001F, -3.9F});  // inner products
  CHECK(recall_by_distance(negative, std::vector<float>{-4, -4}) == 0.5);
}

TEST_CASE("ids and distances are read back as they were written, in every format and in two batches") {
  TemporaryFolder const folder;
  auto const first = answer(2, {1, 2}, {0.1F, 0.25F});
  auto const second = answer(2, {70000, no_neighbour}, {3, 4e20F});
  for (auto const* const name : {"out.ivecs", "out.npy", "out.tsv"}) {
    ResultFormat const format{name, ResultPart::ids};
    auto const path = folder.file(name, format.header(2, 2) + format.rows(first) + format.rows(second));
    CHECK(ids_in(path) == std::vector<std::int64_t>{1, 2, 70000, -1});
  }
  for (auto const* const name : {"out.fvecs", "out.npy", "out.txt"}) {
    ResultFormat const format{name, ResultPart::distances};
    auto const path = folder.file(name, format.header(2, 2) + format.rows(first) + format.rows(second));
    std::vector<float> values(4);
    make_vector_file(path)->read(0, 2, values);
    CHECK(values == std::vector<float>{0.1F, 0.25F, 3, 4e20F});
  }
}

TEST_CASE("ids beyond 32 bits go to .npy and not to .ivecs") {
  TemporaryFolder const folder;
  auto const far = answer(1, {1LL << 40}, {0});
  ResultFormat const npy{"out.npy", ResultPart::ids};
  CHECK(ids_in(folder.file("out.npy", npy.header(1, 1) + npy.rows(far))) == std::vector<std::int64_t>{1LL << 40});
  CHECK(has(text_thrown_by([&] { static_cast<void>(ResultFormat{"a.ivecs", ResultPart::ids}.rows(far)); }), "32 bits"));
}

TEST_CASE("a result in a format that cannot hold it is refused") {
  CHECK(has(text_thrown_by([] { ResultFormat("a.fvecs", ResultPart::ids); }), "cannot write ids to a.fvecs"));
  CHECK(has(text_thrown_by([] { ResultFormat("a.ivecs", ResultPart::distances); }), "cannot write distances"));
}
