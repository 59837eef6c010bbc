// Search on data that others have, where BALLAST_DATA names the folder with ann/; elsewhere there is nothing to see.
#include <cstdlib>
#include <filesystem>
#include <optional>
#include <vector>

#include "ballast/search/exact_index.hpp"
#include "ballast/search/hnsw_index.hpp"
#include "ballast/search/recall.hpp"
#include "ballast/search/vector_file.hpp"
#include "support/catch.hpp"

using namespace ballast;

namespace {

/// None where it is not there.
std::optional<std::string> ann_file(std::string const& name) {
  auto const* const folder = std::getenv("BALLAST_DATA");
  if (folder == nullptr) return std::nullopt;
  auto const path = std::filesystem::path{folder} / "ann" / name;
  return std::filesystem::exists(path) ? std::optional{path.string()} : std::nullopt;
}

struct Rows {
  explicit Rows(std::string const& path, VectorFileChoice const& choice = {}) {
    auto const file = make_vector_file(path, choice);
    dimension = file->dimension();
    values.resize(file->rows() * dimension);
    file->read(0, file->rows(), values);
  }
  [[nodiscard]] Vectors view() const { return {values, dimension}; }

  std::size_t dimension{};
  std::vector<float> values;
};

std::vector<std::int64_t> ids_of(std::string const& path, VectorFileChoice const& choice = {}) {
  auto const file = make_vector_file(path, choice);
  std::vector<std::int64_t> ids(file->rows() * file->dimension());
  file->read_ids(0, file->rows(), ids);
  return ids;
}

}  // namespace

TEST_CASE("SIFT: the hundred nearest are those of the ground truth, whole and in shards") {
  auto const base_path = ann_file("sift5k_base.bvecs");
  if (!base_path) return;
  Rows const base{*base_path};
  Rows const queries{*ann_file("siftsmall_query.fvecs")};
  auto const whole = ExactIndex{base.view(), 0, Metric::l2}.search(queries.view(), 100);
  CHECK(whole.ids == ids_of(*ann_file("sift5k_siftsmallq_groundtruth.ivecs")));
  std::vector<Neighbours> parts;
  for (std::size_t first = 0; first < 5000; first += 1250)
    parts.push_back(ExactIndex{base.view().part(first, 1250), first, Metric::l2}.search(queries.view(), 100));
  CHECK(merge_nearest(parts) == whole);
  CHECK(Rows{*ann_file("sift-dataset-5k.tsv"), {.columns = "1-128"}}.values == base.values);
}

TEST_CASE("MNIST: exact search has recall 1, HNSW at least 0.995") {
  auto const path = ann_file("mnist-t10k-784-euclidean.hdf5");
  if (!path) return;
  Rows const base{*path};
  Rows const queries{*path, {.dataset = "test"}};
  auto const truth = ids_of(*path, {.dataset = "neighbors"});
  CHECK(recall_by_ids(ExactIndex{base.view(), 0, Metric::l2}.search(queries.view(), 10), truth, 100) == 1);
  HnswIndex index{{.dimension = 784}, base.view().rows(), 0};
  index.add(base.view());
  CHECK(recall_by_ids(index.search(queries.view(), 10, 48), truth, 100) >= 0.995);
}
