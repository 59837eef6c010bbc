// The graph: hnswlib's, with distances of our own, which are compiled for each instruction level.
#include "ballast/search/hnsw_index.hpp"

#if defined(__SANITIZE_ADDRESS__)
#define NO_MANUAL_VECTORIZATION  // hnswlib's prefetches look one word behind a list: harmless, but the sanitizer ends
                                 // the run
#endif
#include <hnswlib/hnswlib.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <vector>

#include "ballast/core/contract.hpp"
#include "ballast/core/error.hpp"
#include "search/distance.hpp"
#include "search/graph_file.hpp"
#include "search/nearest.hpp"

namespace ballast {
namespace {

NearDistance near_distance(Kernels const& kernels, Metric metric) {
  switch (metric) {
    case Metric::l2:
      return kernels.near_l2;
    case Metric::inner_product:
      return kernels.near_inner_product;
    case Metric::cosine:
      break;
  }
  return kernels.near_cosine;
}

class Space final : public hnswlib::SpaceInterface<float> {
 public:
  Space(HnswParameters const& parameters, Kernels const& kernels)
      : dimension_{parameters.dimension},
        size_{(parameters.dimension + (parameters.metric == Metric::cosine ? 1 : 0)) * sizeof(float)},
        distance_{near_distance(kernels, parameters.metric)} {}

  std::size_t get_data_size() override { return size_; }
  hnswlib::DISTFUNC<float> get_dist_func() override { return distance_; }
  void* get_dist_func_param() override { return &dimension_; }

 private:
  std::size_t dimension_;
  std::size_t size_;
  NearDistance distance_;
};

HnswParameters const& checked(HnswParameters const& parameters) {
  if (parameters.dimension == 0 || parameters.m < HnswParameters::least_m || parameters.m > HnswParameters::most_m ||
      parameters.ef_construction < 1)
    throw UsageError{"there is no HNSW graph with m " + std::to_string(parameters.m) + ", ef-construction " +
                         std::to_string(parameters.ef_construction) + " and dimension " +
                         std::to_string(parameters.dimension),
                     "m is " + std::to_string(HnswParameters::least_m) + " to " +
                         std::to_string(HnswParameters::most_m) + ", the others at least 1",
                     "give others"};
  return parameters;
}

}  // namespace

struct HnswIndex::State {
  State(HnswParameters const& chosen, std::size_t capacity, std::uint64_t first, InstructionLevel level)
      : parameters{checked(chosen)},
        first_id{first},
        kernels{&kernels_of(level)},
        space{parameters, *kernels},
        graph{&space, std::max<std::size_t>(capacity, 1), parameters.m, parameters.ef_construction, parameters.seed} {}

  /// The components as the graph keeps them: cosine has 1/‖v‖ behind them, 0 for a vector of zeros.
  float const* as_kept(float const* vector) {
    if (parameters.metric != Metric::cosine) return vector;
    scratch.assign(vector, vector + parameters.dimension);
    auto const square = kernels->dot(vector, vector, parameters.dimension);
    scratch.push_back(square == 0 ? 0.0F : static_cast<float>(1 / std::sqrt(square)));
    return scratch.data();
  }
  [[nodiscard]] float const* vector(std::size_t row) const {
    return reinterpret_cast<float const*>(graph.getDataByInternalId(static_cast<hnswlib::tableint>(row)));
  }

  void find(float const* query, Nearest& nearest) {
    for (auto near = graph.searchKnn(as_kept(query), nearest.k()); !near.empty(); near.pop()) {
      auto const row = near.top().second;
      nearest.offer({measured(*kernels, parameters.metric, query, vector(row), parameters.dimension),
                     static_cast<std::int64_t>(first_id + row)});
    }
  }

  HnswParameters parameters;
  std::uint64_t first_id;
  Kernels const* kernels;
  Space space;
  hnswlib::HierarchicalNSW<float> graph;
  std::vector<float> scratch;
};

HnswIndex::HnswIndex(HnswParameters const& parameters, std::size_t capacity, std::uint64_t first_id,
                     InstructionLevel level)
    : state_{std::make_unique<State>(parameters, capacity, first_id, level)} {}
HnswIndex::HnswIndex(std::unique_ptr<State> state) : state_{std::move(state)} {}
HnswIndex::HnswIndex(HnswIndex&&) noexcept = default;
HnswIndex& HnswIndex::operator=(HnswIndex&&) noexcept = default;
HnswIndex::~HnswIndex() = default;

void HnswIndex::add(Vectors vectors) {
  BALLAST_EXPECT(vectors.dimension() == state_->parameters.dimension);
  BALLAST_EXPECT(vectors.rows() <= state_->graph.max_elements_ - rows());
  for (std::size_t row = 0; row < vectors.rows(); ++row)
    state_->graph.addPoint(state_->as_kept(vectors.row(row)), rows());
}

Neighbours HnswIndex::search(Vectors queries, std::size_t k, std::size_t ef) {
  BALLAST_EXPECT(k > 0 && queries.dimension() == state_->parameters.dimension);
  Neighbours found{queries.rows(), k};
  state_->graph.setEf(std::max(ef, k));
  for (std::size_t query = 0; query < queries.rows(); ++query) {
    Nearest nearest{k};
    state_->find(queries.row(query), nearest);
    nearest.write_to(found, query);
  }
  return found;
}

std::size_t HnswIndex::rows() const { return state_->graph.cur_element_count; }
std::uint64_t HnswIndex::first_id() const { return state_->first_id; }
HnswParameters const& HnswIndex::parameters() const { return state_->parameters; }

bool HnswIndex::holds(Vectors vectors) const {
  auto const dimension = state_->parameters.dimension;
  if (vectors.rows() != rows() || vectors.dimension() != dimension) return false;
  for (std::size_t row = 0; row < rows(); ++row)
    if (!std::equal(vectors.row(row), vectors.row(row) + dimension, state_->vector(row))) return false;
  return true;
}

void HnswIndex::save(std::string const& path) const {
  auto const& graph = state_->graph;
  GraphWriter writer{path};
  writer.begin({state_->parameters, state_->first_id, graph.cur_element_count, graph.maxlevel_, graph.enterpoint_node_,
                graph.size_data_per_element_, graph.size_links_per_element_});
  writer.write(graph.data_level0_memory_, graph.cur_element_count * graph.size_data_per_element_);
  writer.write(graph.element_levels_.data(), graph.cur_element_count * sizeof(int));
  for (std::size_t row = 0; row < graph.cur_element_count; ++row)
    if (auto const levels = graph.element_levels_[row]; levels > 0)
      writer.write(graph.linkLists_[row], static_cast<std::size_t>(levels) * graph.size_links_per_element_);
  writer.finish();
}

HnswIndex HnswIndex::load(std::string const& path, InstructionLevel level) {
  GraphReader reader{path};
  auto const& header = reader.header();
  auto state = std::make_unique<State>(header.parameters, header.rows, header.first_id, level);
  auto& graph = state->graph;
  reader.expect(header.row_bytes == graph.size_data_per_element_ && header.link_bytes == graph.size_links_per_element_);
  reader.read(graph.data_level0_memory_, header.rows * header.row_bytes);
  std::vector<int> levels(header.rows);
  reader.read(levels.data(), header.rows * sizeof(int));
  for (std::size_t row = 0; row < header.rows; ++row) {
    reader.expect(levels[row] >= 0 && levels[row] <= header.top_level);
    auto const bytes = static_cast<std::size_t>(levels[row]) * header.link_bytes;
    reader.expect(bytes <= reader.left());
    auto const room = bytes + sizeof(hnswlib::tableint);  // hnswlib frees it, and prefetches one word beyond
    auto* const links = bytes == 0 ? nullptr : static_cast<char*>(std::malloc(room));
    if (bytes > 0 && links == nullptr) throw std::bad_alloc{};
    graph.linkLists_[row] = links;
    graph.element_levels_[row] = levels[row];
    graph.cur_element_count = row + 1;
    reader.read(links, bytes);
    graph.label_lookup_[row] = static_cast<hnswlib::tableint>(row);
  }
  graph.maxlevel_ = header.top_level;
  graph.enterpoint_node_ = header.entry_row;
  return HnswIndex{std::move(state)};
}

}  // namespace ballast
