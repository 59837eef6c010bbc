// Counting what was found.
#include "ballast/search/recall.hpp"

#include <algorithm>
#include <cmath>

#include "ballast/core/contract.hpp"

namespace ballast {
namespace {

double share(std::size_t hits, std::size_t places) {
  return places == 0 ? 1.0 : static_cast<double>(hits) / static_cast<double>(places);
}

}  // namespace

double recall_by_distance(Neighbours const& found, std::span<float const> true_kth_distances) {
  BALLAST_EXPECT(true_kth_distances.size() == found.queries());
  std::size_t hits = 0;
  for (std::size_t place = 0; place < found.ids.size(); ++place) {
    double const kth = true_kth_distances[place / found.k];
    auto const far = kth + 1e-5 * std::abs(kth);
    if (found.ids[place] != no_neighbour && found.distances[place] <= far) ++hits;
  }
  return share(hits, found.ids.size());
}

double recall_by_ids(Neighbours const& found, std::span<std::int64_t const> true_ids, std::size_t columns) {
  BALLAST_EXPECT(columns >= found.k && true_ids.size() == found.queries() * columns);
  std::size_t hits = 0;
  for (std::size_t place = 0; place < found.ids.size(); ++place) {
    auto const truth = true_ids.subspan(place / found.k * columns, found.k);
    if (found.ids[place] != no_neighbour && std::find(truth.begin(), truth.end(), found.ids[place]) != truth.end())
      ++hits;
  }
  return share(hits, found.ids.size());
}

}  // namespace ballast
