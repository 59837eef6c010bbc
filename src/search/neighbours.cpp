// Joining the answers of shards.
#include "ballast/search/neighbours.hpp"

#include "ballast/core/contract.hpp"
#include "search/nearest.hpp"

namespace ballast {

Neighbours merge_nearest(std::span<Neighbours const> parts) {
  if (parts.empty()) return {};
  auto const k = parts.front().k;
  auto const queries = parts.front().queries();
  for (auto const& part : parts) BALLAST_EXPECT(part.k == k && part.queries() == queries);
  Neighbours merged{queries, k};
  for (std::size_t query = 0; query < queries; ++query) {
    Nearest nearest{k};
    for (auto const& part : parts)
      for (auto place = query * k; place < (query + 1) * k && part.ids[place] != no_neighbour; ++place)
        nearest.offer({part.distances[place], part.ids[place]});
    nearest.write_to(merged, query);
  }
  return merged;
}

void show_distances(Metric metric, Neighbours& neighbours) {
  if (metric != Metric::inner_product) return;
  for (std::size_t place = 0; place < neighbours.ids.size(); ++place)
    if (neighbours.ids[place] != no_neighbour) neighbours.distances[place] = 0.0F - neighbours.distances[place];
}

}  // namespace ballast
