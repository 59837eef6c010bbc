// Knn dataset: base, queries, truth and graph, as the Main Node has them.
#pragma once

#include <cstdint>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include <ballast/core/instruction_level.hpp>
#include <ballast/core/payload.hpp>
#include <ballast/search/hnsw_index.hpp>
#include <ballast/search/vector_file.hpp>
#include <ballast/search/vectors.hpp>

#include "knn_plan.hpp"

namespace app {

/// The true neighbours of each query.
struct KnnTruth {
  std::vector<std::int64_t> ids;  ///< k of each query, nearest first
  std::vector<float> kth;         ///< the distance of the last of them
};

class KnnDataset {
 public:
  using Part = std::shared_ptr<ballast::Payload const>;

  explicit KnnDataset(KnnPlan plan) : plan_{std::move(plan)} {}

  /// Reads all but the queries, once, and checks that it fits together; the rest is to be asked for after that. Throws
  /// InputOutputError for files that are missing or malformed, UsageError for options that they contradict.
  void open();

  [[nodiscard]] KnnPlan const& plan() const { return plan_; }
  [[nodiscard]] ballast::Metric metric() const { return metric_; }
  [[nodiscard]] ballast::InstructionLevel level() const { return ballast::native_level(); }
  [[nodiscard]] std::size_t dimension() const { return base_file_->dimension(); }
  [[nodiscard]] std::uint64_t query_count() const { return query_file_->rows(); }
  /// Queries of a batch; of the last one, possibly fewer.
  [[nodiscard]] std::uint64_t batch_size() const;
  [[nodiscard]] std::uint64_t batches() const { return (query_count() + batch_size() - 1) / batch_size(); }
  [[nodiscard]] std::uint64_t queries_in(std::uint64_t batch) const;
  /// Their components.
  [[nodiscard]] ballast::Payload read_batch(std::uint64_t batch);
  [[nodiscard]] std::uint32_t shards() const { return plan_.shards; }
  /// Of the base; the shard's last one is before the next shard's first.
  [[nodiscard]] std::uint64_t first_row(std::uint32_t shard) const { return base_file_->rows() * shard / plan_.shards; }
  /// Components of the shard, row after row.
  [[nodiscard]] Part base(std::uint32_t shard) const { return bases_.at(shard); }
  [[nodiscard]] std::optional<KnnTruth> const& truth() const { return truth_; }
  /// The file of the shard's graph; null until it is loaded or built.
  [[nodiscard]] Part graph(std::uint32_t shard) const { return graphs_.at(shard); }
  void build(std::uint32_t shard, ballast::Payload&& graph) {
    graphs_.at(shard) = std::make_shared<ballast::Payload const>(std::move(graph));
  }
  /// What makes a search the same.
  [[nodiscard]] nlohmann::ordered_json facts() const;

 private:
  void open_files();
  void check_metric();
  void read_bases();
  [[nodiscard]] Part read_base(std::uint64_t first, std::uint64_t end);
  [[nodiscard]] float distance_to(std::uint64_t row, ballast::Vectors queries, std::size_t query) const;
  void read_truth();
  void read_truth(ballast::VectorFile& file, std::string const& name, std::uint64_t first, std::uint64_t count);
  void load_graphs();
  void check_graph(std::uint32_t shard, std::string const& path, ballast::HnswIndex const& index) const;
  [[nodiscard]] std::uint64_t digest_of_base() const;
  [[nodiscard]] std::unique_ptr<ballast::VectorFile> open_truth() const;

  KnnPlan plan_;
  std::unique_ptr<ballast::VectorFile> base_file_;
  std::unique_ptr<ballast::VectorFile> query_file_;
  ballast::Metric metric_{};
  std::vector<Part> bases_;  // by shard
  std::optional<KnnTruth> truth_;
  std::vector<Part> graphs_;  // by shard
};

/// Components of a payload, in place if they are aligned, else in `copy`.
[[nodiscard]] ballast::Vectors vectors_in(std::string_view bytes, std::size_t dimension, std::vector<float>& copy);

}  // namespace app
