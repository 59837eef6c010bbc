// Knn problem: batches of queries as jobs, against the shards of the base that a node owns; and their graphs, as jobs.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <ballast/problem/problem.hpp>
#include <ballast/search/exact_index.hpp>
#include <ballast/search/hnsw_index.hpp>

#include "knn_dataset.hpp"
#include "knn_report.hpp"

namespace app {

/// What the nodes have to know of the files.
struct KnnTerms {
  ballast::Metric metric{};
  ballast::InstructionLevel level{};
  std::size_t dimension{};
  std::uint64_t rows{};  ///< of the base
  std::uint32_t shards{};

  [[nodiscard]] std::uint64_t first_row(std::uint32_t shard) const { return rows * shard / shards; }
};

/// Builds the graphs of the shards, one job for each, which then are the dataset's.
class KnnBuild final : public ballast::Problem {
 public:
  /// `dataset` is borrowed, and opened on the Main Node.
  explicit KnnBuild(KnnDataset& dataset) : dataset_{dataset} {}

  [[nodiscard]] std::string identity() const override { return "knn build"; }  // never kept
  [[nodiscard]] std::vector<std::shared_ptr<ballast::Payload const>> state() override;
  void take(std::vector<std::shared_ptr<ballast::Payload const>> parts) override;
  [[nodiscard]] ballast::Splitter split() override;
  [[nodiscard]] std::unique_ptr<ballast::Joiner> join() override;
  void solve(ballast::AttemptContext const& context, std::string_view job, ballast::SolutionSink& solution) override;

 private:
  KnnDataset& dataset_;
  KnnTerms terms_;
};

class KnnSearch final : public ballast::Problem {
 public:
  /// Both are borrowed. `ef` is of the graph's search.
  KnnSearch(KnnDataset& dataset, KnnTally& tally, std::size_t ef) : dataset_{dataset}, tally_{tally}, ef_{ef} {}

  [[nodiscard]] std::string identity() const override;
  [[nodiscard]] ballast::Sharding sharding() const override;
  [[nodiscard]] std::vector<std::shared_ptr<ballast::Payload const>> state() override;
  void take(std::vector<std::shared_ptr<ballast::Payload const>> parts) override;
  [[nodiscard]] ballast::Splitter split() override;
  [[nodiscard]] std::unique_ptr<ballast::Joiner> join() override;
  void solve(ballast::AttemptContext const& context, std::string_view job, ballast::SolutionSink& solution) override;
  void ended(ballast::JobOutcome const& job) override;

 private:
  /// Of a shard; one of the two.
  struct Index {
    std::optional<ballast::ExactIndex> exact{};
    std::optional<ballast::HnswIndex> hnsw{};
    std::shared_ptr<ballast::Payload const> base{};  ///< what the exact index looks at
  };
  [[nodiscard]] Index make_index(std::uint32_t shard, std::shared_ptr<ballast::Payload const> part) const;

  KnnDataset& dataset_;
  KnnTally& tally_;
  std::size_t ef_;
  KnnTerms terms_;
  std::map<std::uint32_t, Index> indexes_;  // of the shards that this node owns
  /// On the Main Node: how a batch has gone so far.
  struct Progress {
    std::uint32_t shards{0};
    ballast::Duration slowest{};
  };
  std::map<std::uint64_t, Progress> unfinished_;  // by batch
};

}  // namespace app
