// The state is a line of terms, and for each shard its part of the base or its graph. Indexes are made before the
// solvers are forked.
#include "knn_problem.hpp"

#include <fmt/format.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>
#include <utility>

#include <ballast/core/contract.hpp>
#include <ballast/core/error.hpp>
#include <ballast/problem/file_joiner.hpp>

#include "knn_joiner.hpp"

namespace app {
namespace {

using Part = std::shared_ptr<ballast::Payload const>;

Part write_terms(KnnDataset const& dataset) {
  return std::make_shared<ballast::Payload const>(fmt::format("{} {} {} {} {}", name_of(dataset.metric()),
                                                              name_of(dataset.level()), dataset.dimension(),
                                                              dataset.first_row(dataset.shards()), dataset.shards()));
}

/// Throws InputOutputError if this node's processor is older than the Main Node's: a graph would come out otherwise.
KnnTerms read_terms(std::string const& text, KnnIndex index) {
  std::istringstream words{text};
  std::string metric;
  std::string level;
  KnnTerms terms;
  words >> metric >> level >> terms.dimension >> terms.rows >> terms.shards;
  terms.metric = ballast::parse_metric(metric);
  terms.level = ballast::parse_level(level);
  if (index == KnnIndex::exact)
    terms.level = ballast::native_level();
  else if (terms.level > ballast::native_level())
    throw ballast::InputOutputError{fmt::format("this node's processor has no {}", level),
                                    "the Main Node's has, and the graph depends on it",
                                    "start the Main Node on the oldest of the processors"};
  return terms;
}

ballast::InputOutputError no_room(std::string const& what) {
  return ballast::InputOutputError::from_errno(what, errno, "look at this node's memory and its temporary folder");
}

/// A folder that goes with this object.
class ScratchFolder {
 public:
  ScratchFolder() {
    path_ = std::filesystem::temp_directory_path() / "ballast-graph-XXXXXX";
    if (mkdtemp(path_.data()) == nullptr) throw no_room("cannot make a folder for the graph");
  }
  ScratchFolder(ScratchFolder const&) = delete;
  ScratchFolder& operator=(ScratchFolder const&) = delete;
  ~ScratchFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  [[nodiscard]] std::string file() const { return path_ + "/graph"; }

 private:
  std::string path_;
};

ballast::Payload bytes_of(ballast::HnswIndex const& index) {
  ScratchFolder const folder;
  index.save(folder.file());
  std::ifstream file{folder.file(), std::ios::binary};
  return {std::istreambuf_iterator<char>{file}, {}};
}

/// A file in memory that goes with this object.
class MemoryFile {
 public:
  explicit MemoryFile(std::string_view bytes) : descriptor_{memfd_create("graph", MFD_CLOEXEC)} {
    if (descriptor_ < 0) throw no_room("cannot unpack the graph");
    while (!bytes.empty()) {
      auto const written = write(descriptor_, bytes.data(), bytes.size());
      if (written < 0 && errno != EINTR) {
        auto const error = no_room("cannot unpack the graph");
        close(descriptor_);
        throw error;
      }
      bytes.remove_prefix(static_cast<std::size_t>(std::max<ssize_t>(written, 0)));
    }
  }
  MemoryFile(MemoryFile const&) = delete;
  MemoryFile& operator=(MemoryFile const&) = delete;
  ~MemoryFile() { close(descriptor_); }
  [[nodiscard]] std::string path() const { return fmt::format("/proc/self/fd/{}", descriptor_); }

 private:
  int descriptor_;
};

class BaseSplitter final : public ballast::IndexedSplitter {
 public:
  explicit BaseSplitter(KnnDataset const& dataset) : dataset_{dataset} {}
  [[nodiscard]] std::uint64_t count() const override { return dataset_.shards(); }
  ballast::Payload read(ballast::JobId id) override { return *dataset_.base(static_cast<std::uint32_t>(id.value())); }

 private:
  KnnDataset const& dataset_;
};

class QuerySplitter final : public ballast::IndexedSplitter {
 public:
  explicit QuerySplitter(KnnDataset& dataset) : dataset_{dataset} {}
  [[nodiscard]] std::uint64_t count() const override { return dataset_.batches() * dataset_.shards(); }
  ballast::Payload read(ballast::JobId id) override { return dataset_.read_batch(id.value() / dataset_.shards()); }

 private:
  KnnDataset& dataset_;
};

/// Keeps the graphs, and saves them where that was asked for.
class GraphJoiner final : public ballast::Joiner {
 public:
  explicit GraphJoiner(KnnDataset& dataset) : dataset_{dataset} {
    auto const& folder = dataset.plan().save_index;
    if (folder.empty()) return;
    std::error_code error;
    std::filesystem::create_directories(folder, error);
    for (std::uint32_t shard = 0; shard < dataset.shards(); ++shard)
      files_.push_back(
          ballast::make_file_joiner(graph_file(folder, shard, dataset.shards()), ballast::JoinOrder::dataset));
  }
  [[nodiscard]] ballast::JoinOrder order() const override { return ballast::JoinOrder::arrival; }
  void write(ballast::JobId, std::string_view piece) override { graph_ += piece; }
  void finish(ballast::JobId job) override {
    if (!files_.empty()) {
      files_[job.value()]->write(ballast::JobId{0}, graph_);
      files_[job.value()]->finish(ballast::JobId{0});
    }
    dataset_.build(static_cast<std::uint32_t>(job.value()), std::exchange(graph_, {}));
  }
  void close() override {
    for (auto const& file : files_) file->close();
  }

 private:
  KnnDataset& dataset_;
  std::vector<std::unique_ptr<ballast::Joiner>> files_;  // by shard
  ballast::Payload graph_;
};

}  // namespace

std::vector<Part> KnnBuild::state() {
  dataset_.open();
  return {write_terms(dataset_)};
}

void KnnBuild::take(std::vector<Part> parts) { terms_ = read_terms(*parts.at(0), KnnIndex::hnsw); }

ballast::Splitter KnnBuild::split() { return std::make_unique<BaseSplitter>(dataset_); }

std::unique_ptr<ballast::Joiner> KnnBuild::join() { return std::make_unique<GraphJoiner>(dataset_); }

void KnnBuild::solve(ballast::AttemptContext const& context, std::string_view job, ballast::SolutionSink& solution) {
  std::vector<float> copy;
  auto const base = vectors_in(job, terms_.dimension, copy);
  auto const& plan = dataset_.plan();
  auto const first = terms_.first_row(static_cast<std::uint32_t>(context.name.job.value()));
  ballast::HnswIndex index{
      {terms_.metric, terms_.dimension, plan.m, plan.ef_construction, plan.seed}, base.rows(), first, terms_.level};
  index.add(base);
  solution.write(bytes_of(index));
}

std::string KnnSearch::identity() const {
  dataset_.open();
  auto facts = dataset_.facts();
  facts["subcommand"] = "knn";
  if (dataset_.plan().index == KnnIndex::hnsw) facts["ef"] = ef_;
  return facts.dump();
}

ballast::Sharding KnnSearch::sharding() const {
  auto const& plan = dataset_.plan();
  return {plan.shards, plan.replicas, plan.shards > 1};
}

std::vector<Part> KnnSearch::state() {
  dataset_.open();
  std::vector<Part> parts{write_terms(dataset_)};
  for (std::uint32_t shard = 0; shard < dataset_.shards(); ++shard)
    parts.push_back(dataset_.plan().index == KnnIndex::exact ? dataset_.base(shard) : dataset_.graph(shard));
  return parts;
}

void KnnSearch::take(std::vector<Part> parts) {
  terms_ = read_terms(*parts.at(0), dataset_.plan().index);
  indexes_.clear();
  for (std::uint32_t shard = 0; shard < terms_.shards; ++shard)
    if (auto const& part = parts.at(1 + shard)) indexes_.emplace(shard, make_index(shard, part));
}

KnnSearch::Index KnnSearch::make_index(std::uint32_t shard, Part part) const {
  Index index;
  if (dataset_.plan().index == KnnIndex::hnsw) {
    MemoryFile const file{*part};
    index.hnsw.emplace(ballast::HnswIndex::load(file.path(), terms_.level));
    return index;
  }
  std::vector<float> copy;
  auto const base = vectors_in(*part, terms_.dimension, copy);
  BALLAST_ENSURE(copy.empty());  // a string of its own is aligned
  index.exact.emplace(base, terms_.first_row(shard), terms_.metric);
  index.base = std::move(part);
  return index;
}

ballast::Splitter KnnSearch::split() { return std::make_unique<QuerySplitter>(dataset_); }

std::unique_ptr<ballast::Joiner> KnnSearch::join() { return make_knn_joiner(dataset_, tally_); }

void KnnSearch::solve(ballast::AttemptContext const& context, std::string_view job, ballast::SolutionSink& solution) {
  std::vector<float> copy;
  auto const queries = vectors_in(job, terms_.dimension, copy);
  auto const k = dataset_.plan().k;
  auto& index = indexes_.at(static_cast<std::uint32_t>(context.name.job.value() % terms_.shards));
  solution.write(pack_neighbours(index.hnsw ? index.hnsw->search(queries, k, ef_) : index.exact->search(queries, k)));
}

// A batch takes as long as the slowest of its shards.
void KnnSearch::ended(ballast::JobOutcome const& job) {
  if (job.failure != nullptr) return;
  auto const shards = dataset_.shards();
  auto const batch = job.name.job.value() / shards;
  auto& progress = unfinished_[batch];
  progress.slowest = std::max(progress.slowest, job.runtime);
  if (++progress.shards < shards) return;
  tally_.searched(dataset_.queries_in(batch), progress.slowest);
  unfinished_.erase(batch);
}

}  // namespace app
