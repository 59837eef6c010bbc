// Two files, each whole or absent, in the order of the queries.
#include "knn_joiner.hpp"

#include <cstring>
#include <span>
#include <utility>

#include <ballast/core/error.hpp>
#include <ballast/problem/file_joiner.hpp>
#include <ballast/search/recall.hpp>
#include <ballast/search/result_format.hpp>

namespace app {
namespace {

using ballast::JobId;
using ballast::Neighbours;

class MatrixFile {
 public:
  MatrixFile(std::string const& path, ballast::ResultPart part, KnnDataset const& dataset)
      : format_{path, part}, file_{ballast::make_file_joiner(path, ballast::JoinOrder::dataset)} {
    file_->write(JobId{0}, format_.header(dataset.query_count(), dataset.plan().k));
  }
  void add(JobId job, Neighbours const& neighbours) {
    file_->write(job, format_.rows(neighbours));
    file_->finish(job);
  }
  void close() { file_->close(); }

 private:
  ballast::ResultFormat format_;
  std::unique_ptr<ballast::Joiner> file_;
};

class KnnJoiner final : public ballast::Joiner {
 public:
  KnnJoiner(KnnDataset const& dataset, KnnTally& tally) : dataset_{dataset}, tally_{tally} {
    auto const& plan = dataset.plan();
    if (!plan.output.empty()) files_.emplace_back(plan.output, ballast::ResultPart::ids, dataset);
    if (!plan.distances.empty()) files_.emplace_back(plan.distances, ballast::ResultPart::distances, dataset);
  }

  [[nodiscard]] ballast::JoinOrder order() const override { return ballast::JoinOrder::dataset; }
  void write(JobId, std::string_view piece) override { solution_ += piece; }

  // A job is what one shard knows of a batch.
  void finish(JobId job) override {
    auto const shards = dataset_.shards();
    fill_up_to(job.value() / shards);
    parts_.push_back(unpack_neighbours(std::exchange(solution_, {}), dataset_.plan().k));
    if (job.value() % shards + 1 < shards) return;
    if (parts_.size() == shards) add(ballast::merge_nearest(parts_));
    parts_.clear();
  }

  void close() override {
    fill_up_to(dataset_.batches());
    for (auto& file : files_) file.close();
  }

 private:
  // What not all shards have answered has no neighbours: those that are missing may be the nearest.
  void fill_up_to(std::uint64_t batch) {
    if (next_ < batch) parts_.clear();
    while (next_ < batch) add(Neighbours{dataset_.queries_in(next_), dataset_.plan().k});
  }

  void add(Neighbours&& found) {
    if (found.queries() != dataset_.queries_in(next_))
      throw ballast::EngineError{"a solution has neighbours of other queries", "",
                                 "please report this as a bug of Ballast"};
    if (dataset_.truth()) tally_.compared(found.queries(), recall_of(found));
    ballast::show_distances(dataset_.metric(), found);
    for (auto& file : files_) file.add(JobId{next_}, found);
    ++next_;
  }

  [[nodiscard]] double recall_of(Neighbours const& found) const {
    auto const first = next_ * dataset_.batch_size();
    auto const k = found.k;
    if (dataset_.plan().recall == RecallBy::ids)
      return ballast::recall_by_ids(found, std::span{dataset_.truth()->ids}.subspan(first * k, found.queries() * k), k);
    return ballast::recall_by_distance(found, std::span{dataset_.truth()->kth}.subspan(first, found.queries()));
  }

  KnnDataset const& dataset_;
  KnnTally& tally_;
  std::vector<MatrixFile> files_;
  std::string solution_;           // of the batch that is being joined
  std::vector<Neighbours> parts_;  // of the batch `next_`, by shard
  std::uint64_t next_{0};          // batch
};

}  // namespace

std::string pack_neighbours(Neighbours const& neighbours) {
  auto const ids = neighbours.ids.size() * sizeof(std::int64_t);
  auto const distances = neighbours.distances.size() * sizeof(float);
  std::string solution(ids + distances, '\0');
  std::memcpy(solution.data(), neighbours.ids.data(), ids);
  std::memcpy(solution.data() + ids, neighbours.distances.data(), distances);
  return solution;
}

Neighbours unpack_neighbours(std::string_view solution, std::size_t k) {
  auto const row = k * (sizeof(std::int64_t) + sizeof(float));
  if (solution.size() % row != 0)
    throw ballast::EngineError{"a solution holds no neighbours", "", "please report this as a bug of Ballast"};
  Neighbours neighbours{solution.size() / row, k};
  auto const ids = neighbours.ids.size() * sizeof(std::int64_t);
  std::memcpy(neighbours.ids.data(), solution.data(), ids);
  std::memcpy(neighbours.distances.data(), solution.data() + ids, solution.size() - ids);
  return neighbours;
}

std::unique_ptr<ballast::Joiner> make_knn_joiner(KnnDataset const& dataset, KnnTally& tally) {
  return std::make_unique<KnnJoiner>(dataset, tally);
}

}  // namespace app
