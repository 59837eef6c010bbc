// Knn plan: the search that was asked for; the same on every rank.
#pragma once

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
  std::size_t m{};
  std::size_t ef_construction{};
  std::uint32_t seed{};
  RecallBy recall{};
  std::string output;      ///< ids; empty: none
  std::string distances;   ///< empty: none
  std::string load_index;  ///< folders; empty: none
  std::string save_index;
};

/// The graph of the whole base in a folder of --save-index.
[[nodiscard]] inline std::string graph_file(std::string const& folder) { return folder + "/graph.hnsw"; }

}  // namespace app
