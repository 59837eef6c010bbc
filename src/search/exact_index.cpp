// Exact search: tiles of queries × base go through a matrix product, and each query passes what comes out.
#include "ballast/search/exact_index.hpp"

#include <algorithm>
#include <limits>
#include <vector>

#include "ballast/core/contract.hpp"
#include "search/blas.hpp"
#include "search/distance.hpp"
#include "search/quest.hpp"
#include "search/weighed_base.hpp"

namespace ballast {
namespace {

constexpr std::size_t queries_in_tile = 512;
constexpr std::size_t rows_in_tile = 1024;

void answer(WeighedBase const& base, Vectors queries, std::size_t first_query, Neighbours& found) {
  std::vector<Quest> quests;
  quests.reserve(queries.rows());
  for (std::size_t query = 0; query < queries.rows(); ++query) quests.emplace_back(base, queries.row(query), found.k);
  std::vector<float> products(queries.rows() * std::min(rows_in_tile, base.rows().rows()));
  for (std::size_t first = 0; first < base.rows().rows(); first += rows_in_tile) {
    auto const count = std::min(rows_in_tile, base.rows().rows() - first);
    auto const scale = base.scale(first, count);
    inner_products(queries, base.rows().part(first, count), products);
    for (std::size_t query = 0; query < quests.size(); ++query)
      quests[query].pass(products.data() + query * count, first, count, scale);
  }
  for (std::size_t query = 0; query < quests.size(); ++query) quests[query].write_to(found, first_query + query);
}

}  // namespace

float exact_distance(Metric metric, Vectors a, std::size_t row_of_a, Vectors b, std::size_t row_of_b) {
  BALLAST_EXPECT(a.dimension() == b.dimension() && row_of_a < a.rows() && row_of_b < b.rows());
  return measured(kernels_of(native_level()), metric, a.row(row_of_a), b.row(row_of_b), a.dimension());
}

ExactIndex::ExactIndex(Vectors base, std::uint64_t first_id, Metric metric, InstructionLevel level) {
  BALLAST_EXPECT(base.rows() <= std::numeric_limits<std::uint32_t>::max());
  base_ = std::make_unique<WeighedBase const>(base, first_id, metric, kernels_of(level));
}

ExactIndex::ExactIndex(ExactIndex&&) noexcept = default;
ExactIndex& ExactIndex::operator=(ExactIndex&&) noexcept = default;
ExactIndex::~ExactIndex() = default;

Neighbours ExactIndex::search(Vectors queries, std::size_t k) const {
  BALLAST_EXPECT(k > 0 && queries.dimension() == base_->rows().dimension());
  Neighbours found{queries.rows(), k};
  for (std::size_t first = 0; first < queries.rows(); first += queries_in_tile) {
    auto const count = std::min(queries_in_tile, queries.rows() - first);
    answer(*base_, queries.part(first, count), first, found);
  }
  return found;
}

}  // namespace ballast
