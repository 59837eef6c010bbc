// Knn plan: the search that was asked for; the same on every rank.
#pragma once

#include <fmt/format.h>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include <ballast/search/metric.hpp>

namespace app {

enum class KnnIndex { exact, hnsw };
enum class RecallBy { distance, ids };

struct KnnPlan {
  std::string base;     ///< paths are opened on the Main Node only
  std::string queries;  ///< empty: in the .hdf5 of the base
  std::string truth;    ///< empty: in the .hdf5 of the base, if nothing else names the queries; else none
  std::string columns;  ///< of text
  std::size_t k{};
  std::optional<ballast::Metric> metric;  ///< none: as the base's file says, else l2
  std::uint64_t batch{};                  ///< queries of a job; 0 = a sixteenth of them, at most 1000
  KnnIndex index{};
  std::uint32_t shards{1};    ///< pieces of the base, one after the other; each is searched by its owners only
  std::uint32_t replicas{1};  ///< owners of a shard
  std::size_t m{};
  std::size_t ef_construction{};
  std::uint32_t seed{};
  RecallBy recall{};
  std::string output;      ///< ids; empty: none
  std::string distances;   ///< empty: none
  std::string load_index;  ///< folders; empty: none
  std::string save_index;
};

/// The graph of a shard in a folder of --save-index; that of the whole base, if there is only one.
[[nodiscard]] inline std::string graph_file(std::string const& folder, std::uint32_t shard, std::uint32_t shards) {
  return shards == 1 ? folder + "/graph.hnsw" : fmt::format("{}/graph-{}-of-{}.hnsw", folder, shard + 1, shards);
}

/// How many shards there are graphs of in such a folder; 0 if there is none.
[[nodiscard]] std::uint32_t saved_shards(std::string const& folder);

}  // namespace app
