// Knn joiner: neighbours of batches become files, row after row, and a recall.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include <ballast/problem/joiner.hpp>
#include <ballast/search/neighbours.hpp>

#include "knn_dataset.hpp"
#include "knn_report.hpp"

namespace app {

/// Neighbours as a solution.
[[nodiscard]] std::string pack_neighbours(ballast::Neighbours const& neighbours);
/// Throws EngineError if it is none with this k.
[[nodiscard]] ballast::Neighbours unpack_neighbours(std::string_view solution, std::size_t k);

/// Both are borrowed. The rows of a batch that was given up are there, and empty.
[[nodiscard]] std::unique_ptr<ballast::Joiner> make_knn_joiner(KnnDataset const& dataset, KnnTally& tally);

}  // namespace app
