// Knn problem: batches of queries as jobs, against a base that every node has; and the graph, as one job of its own.
#pragma once

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
};

/// Builds the graph of the base, which then is the dataset's.
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
  void ended(ballast::JobOutcome const& job) override { runtime_ = job.runtime; }

  /// How long it took; on the Main Node.
  [[nodiscard]] ballast::Duration runtime() const { return runtime_; }

 private:
  KnnDataset& dataset_;
  KnnTerms terms_;
  ballast::Duration runtime_{};
};

class KnnSearch final : public ballast::Problem {
 public:
  /// Both are borrowed. `ef` is of the graph's search.
  KnnSearch(KnnDataset& dataset, KnnTally& tally, std::size_t ef) : dataset_{dataset}, tally_{tally}, ef_{ef} {}

  [[nodiscard]] std::string identity() const override;
  [[nodiscard]] std::vector<std::shared_ptr<ballast::Payload const>> state() override;
  void take(std::vector<std::shared_ptr<ballast::Payload const>> parts) override;
  [[nodiscard]] ballast::Splitter split() override;
  [[nodiscard]] std::unique_ptr<ballast::Joiner> join() override;
  void solve(ballast::AttemptContext const& context, std::string_view job, ballast::SolutionSink& solution) override;
  void ended(ballast::JobOutcome const& job) override;

 private:
  KnnDataset& dataset_;
  KnnTally& tally_;
  std::size_t ef_;
  KnnTerms terms_;
  std::shared_ptr<ballast::Payload const> base_;  // what the exact index looks at
  std::optional<ballast::ExactIndex> exact_;
  std::optional<ballast::HnswIndex> hnsw_;
};

}  // namespace app
