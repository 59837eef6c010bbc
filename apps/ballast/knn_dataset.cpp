// Files are read in blocks of rows, so that a malformed row is named; the queries one batch at a time.
#include "knn_dataset.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <iterator>
#include <span>

#include <ballast/core/digest.hpp>
#include <ballast/core/error.hpp>
#include <ballast/search/exact_index.hpp>

namespace app {
namespace {

constexpr std::uint64_t block_bytes = std::uint64_t{16} << 20;
constexpr std::uint64_t most_in_a_batch = 1000;
constexpr std::uint64_t rows_of_truth = 1000;  // read at once
constexpr std::uint64_t batches_of_few_queries = 16;

bool is_hdf5(std::string const& path) { return path.ends_with(".hdf5") || path.ends_with(".h5"); }
bool is_text(std::string const& path) { return path.ends_with(".tsv") || path.ends_with(".txt"); }

std::unique_ptr<ballast::VectorFile> open_vectors(std::string const& path, std::string const& columns,
                                                  std::string const& dataset) {
  return ballast::make_vector_file(path, {is_text(path) ? columns : std::string{}, dataset});
}

std::vector<float> read_rows(ballast::VectorFile& file, std::uint64_t first, std::uint64_t count) {
  std::vector<float> values(count * file.dimension());
  file.read(first, count, values);
  return values;
}

ballast::Payload bytes_of(std::vector<float> const& values) {
  return {reinterpret_cast<char const*>(values.data()), values.size() * sizeof(float)};
}

/// `named` is what the file says, which the user may not know.
ballast::Metric metric_of(std::string const& path, std::string const& named) {
  try {
    return ballast::parse_metric(named);
  } catch (ballast::UsageError const&) {
    throw ballast::UsageError{path + " cannot be searched", fmt::format("it was made for the metric `{}`", named),
                              "known are l2 (euclidean), ip and cosine (angular)"};
  }
}

std::string slurp(std::string const& path) {
  std::ifstream file{path, std::ios::binary};
  if (!file) throw ballast::InputOutputError::from_errno("cannot read " + path, errno, "check the path");
  return {std::istreambuf_iterator<char>{file}, {}};
}

}  // namespace

ballast::Vectors vectors_in(std::string_view bytes, std::size_t dimension, std::vector<float>& copy) {
  auto const count = bytes.size() / sizeof(float);
  if (reinterpret_cast<std::uintptr_t>(bytes.data()) % alignof(float) == 0)
    return {{reinterpret_cast<float const*>(bytes.data()), count}, dimension};
  copy.resize(count);
  std::memcpy(copy.data(), bytes.data(), count * sizeof(float));
  return {copy, dimension};
}

void KnnDataset::open() {
  if (!bases_.empty()) return;
  open_files();
  check_metric();
  read_bases();
  read_truth();
  graphs_.resize(shards());
  if (!plan_.load_index.empty()) load_graphs();
}

void KnnDataset::open_files() {
  base_file_ = open_vectors(plan_.base, plan_.columns, "train");
  query_file_ = open_vectors(plan_.queries.empty() ? plan_.base : plan_.queries, plan_.columns, "test");
  if (base_file_->dimension() != query_file_->dimension())
    throw ballast::InputOutputError{
        fmt::format("the queries do not fit to the base"),
        fmt::format("they have {} components, the vectors of the base {}", query_file_->dimension(),
                    base_file_->dimension()),
        is_text(plan_.base) || is_text(plan_.queries) ? "choose --columns" : "check --base and --queries"};
  if (plan_.k > base_file_->rows())
    throw ballast::UsageError{fmt::format("there are no {} neighbours", plan_.k),
                              fmt::format("{} has {} vectors", plan_.base, base_file_->rows()), "give a smaller -k"};
  if (shards() > base_file_->rows())
    throw ballast::UsageError{fmt::format("the base cannot be cut into {} shards", shards()),
                              fmt::format("{} has {} vectors", plan_.base, base_file_->rows()),
                              "give fewer --shards, or use --layout replicate"};
}

void KnnDataset::check_metric() {
  auto const named = base_file_->distance();
  auto const of_file = named ? std::optional{metric_of(plan_.base, *named)} : std::nullopt;
  if (plan_.metric && of_file && *plan_.metric != *of_file)
    throw ballast::UsageError{fmt::format("--metric {} contradicts {}", name_of(*plan_.metric), plan_.base),
                              fmt::format("it was made for {}", *named), "leave out --metric"};
  metric_ = plan_.metric.value_or(of_file.value_or(ballast::Metric::l2));
}

void KnnDataset::read_bases() {
  for (std::uint32_t shard = 0; shard < shards(); ++shard)
    bases_.push_back(read_base(first_row(shard), first_row(shard + 1)));
}

KnnDataset::Part KnnDataset::read_base(std::uint64_t first, std::uint64_t end) {
  ballast::Payload bytes;
  bytes.reserve((end - first) * dimension() * sizeof(float));
  auto const block = std::max<std::uint64_t>(block_bytes / (dimension() * sizeof(float)), 1);
  for (auto row = first; row < end; row += block)
    bytes += bytes_of(read_rows(*base_file_, row, std::min(block, end - row)));
  return std::make_shared<ballast::Payload const>(std::move(bytes));
}

float KnnDataset::distance_to(std::uint64_t row, ballast::Vectors queries, std::size_t query) const {
  std::uint32_t shard = 0;
  while (first_row(shard + 1) <= row) ++shard;
  std::vector<float> copy;
  auto const base = vectors_in(*bases_[shard], dimension(), copy);
  return ballast::exact_distance(metric_, queries, query, base, row - first_row(shard));
}

std::unique_ptr<ballast::VectorFile> KnnDataset::open_truth() const {
  if (!plan_.truth.empty()) return ballast::make_vector_file(plan_.truth, {"", "neighbors"});
  if (!is_hdf5(plan_.base) || !plan_.queries.empty()) return nullptr;
  try {
    return ballast::make_vector_file(plan_.base, {"", "neighbors"});
  } catch (ballast::InputOutputError const&) {
    return nullptr;  // nobody has asked for it
  }
}

void KnnDataset::read_truth() {
  auto const file = open_truth();
  if (!file) return;
  auto const& name = plan_.truth.empty() ? plan_.base : plan_.truth;
  if (file->rows() != query_count())
    throw ballast::InputOutputError{fmt::format("{} does not tell the truth about these queries", name),
                                    fmt::format("it has {} rows for {} of them", file->rows(), query_count()),
                                    "give the --truth of these --queries"};
  if (file->dimension() < plan_.k)
    throw ballast::UsageError{fmt::format("the recall of {} neighbours cannot be told", plan_.k),
                              fmt::format("{} has {} of each query", name, file->dimension()), "give a smaller -k"};
  truth_.emplace();
  for (std::uint64_t query = 0; query < query_count(); query += rows_of_truth)
    read_truth(*file, name, query, std::min(rows_of_truth, query_count() - query));
}

void KnnDataset::read_truth(ballast::VectorFile& file, std::string const& name, std::uint64_t first,
                            std::uint64_t count) {
  auto const rows = base_file_->rows();
  std::vector<std::int64_t> ids(count * file.dimension());
  file.read_ids(first, count, ids);
  auto const queries = read_rows(*query_file_, first, count);
  for (std::uint64_t query = 0; query < count; ++query) {
    std::span const nearest{ids.data() + query * file.dimension(), plan_.k};
    for (auto const id : nearest)
      if (id < 0 || static_cast<std::uint64_t>(id) >= rows)
        throw ballast::InputOutputError{fmt::format("row {} of {} names a neighbour {}", first + query, name, id),
                                        fmt::format("the base has {} vectors", rows),
                                        "give the --truth of this --base"};
    truth_->ids.insert(truth_->ids.end(), nearest.begin(), nearest.end());
    truth_->kth.push_back(distance_to(static_cast<std::uint64_t>(nearest.back()), {queries, dimension()}, query));
  }
}

void KnnDataset::load_graphs() {
  for (std::uint32_t shard = 0; shard < shards(); ++shard) {
    auto const path = graph_file(plan_.load_index, shard, shards());
    auto const index = ballast::HnswIndex::load(path);
    check_graph(shard, path, index);
    auto const& parameters = index.parameters();
    plan_.m = parameters.m;
    plan_.ef_construction = parameters.ef_construction;
    plan_.seed = parameters.seed;
    build(shard, slurp(path));
  }
}

void KnnDataset::check_graph(std::uint32_t shard, std::string const& path, ballast::HnswIndex const& index) const {
  auto const refuse = [&](std::string const& why) {
    throw ballast::UsageError{fmt::format("{} is no index of {}", path, plan_.base), why,
                              "give the base it was made of"};
  };
  auto const& parameters = index.parameters();
  auto const rows = first_row(shard + 1) - first_row(shard);
  if (index.rows() != rows || index.first_id() != first_row(shard) || parameters.dimension != dimension() ||
      parameters.metric != metric_)
    refuse(fmt::format("it has {} vectors of {} components by {}, from vector {} on", index.rows(),
                       parameters.dimension, name_of(parameters.metric), index.first_id()));
  std::vector<float> copy;
  if (!index.holds(vectors_in(*bases_.at(shard), dimension(), copy)))
    refuse("its vectors are others, or in another order");
}

std::uint64_t KnnDataset::batch_size() const {
  if (plan_.batch > 0) return plan_.batch;
  auto const share = (query_count() + batches_of_few_queries - 1) / batches_of_few_queries;
  return std::clamp<std::uint64_t>(share, 1, most_in_a_batch);
}

std::uint64_t KnnDataset::queries_in(std::uint64_t batch) const {
  return std::min(batch_size(), query_count() - batch * batch_size());
}

ballast::Payload KnnDataset::read_batch(std::uint64_t batch) {
  return bytes_of(read_rows(*query_file_, batch * batch_size(), queries_in(batch)));
}

std::uint64_t KnnDataset::digest_of_base() const {
  if (shards() == 1) return ballast::digest_of(*bases_.front()).value();
  std::string digests;
  for (auto const& base : bases_) digests += fmt::format("{} ", ballast::digest_of(*base).value());
  return ballast::digest_of(digests).value();
}

nlohmann::ordered_json KnnDataset::facts() const {
  nlohmann::ordered_json facts{{"shards", shards()},  // first, as the base's digest depends on it
                               {"base", digest_of_base()},
                               {"base_dimension", dimension()},
                               {"queries", plan_.queries.empty() ? plan_.base : plan_.queries},
                               {"query_count", query_count()},
                               {"k", plan_.k},
                               {"metric", name_of(metric_)},
                               {"batch", batch_size()}};
  if (plan_.index == KnnIndex::hnsw)
    facts.update({{"m", plan_.m},
                  {"ef_construction", plan_.ef_construction},
                  {"seed", plan_.seed},
                  {"level", name_of(level())}});
  if (!plan_.load_index.empty())
    for (auto const& graph : graphs_) facts["graphs"].push_back(ballast::digest_of(*graph).value());
  return facts;
}

}  // namespace app
