// Knn plot: the picture of a sweep that people who compare indexes know, throughput over recall.
#pragma once

#include <string>
#include <vector>

#include "knn_report.hpp"

namespace app {

/// What stands above the picture.
struct KnnPlotWords {
  std::string title;
  std::string below;  ///< a second, smaller line
};

/// An SVG file: recall to the right, queries per second upwards on a logarithmic axis, a point for each ef, joined in
/// the order of ef. Searches that lack one of the two numbers are left out. Its colours follow the reader's preference
/// for light or dark. The same numbers and words give the same text.
[[nodiscard]] std::string plot_of(std::vector<KnnNumbers> const& sweep, KnnPlotWords const& words);

}  // namespace app
