// HNSW index: approximate neighbours by a graph of the base (Malkov & Yashunin 2018), by hnswlib.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "ballast/core/instruction_level.hpp"
#include "ballast/search/metric.hpp"
#include "ballast/search/neighbours.hpp"
#include "ballast/search/vectors.hpp"

namespace ballast {

/// What the graph is made of. Throws UsageError from the constructor of the index if it makes no sense.
struct HnswParameters {
  static constexpr std::size_t least_m = 2;
  static constexpr std::size_t most_m = 10'000;

  Metric metric = Metric::l2;
  std::size_t dimension{};
  std::size_t m = 16;  ///< links of a vector in the upper layers, twice as many in the lowest; least_m … most_m
  std::size_t ef_construction = 200;  ///< candidates looked at for each vector that is added; at least 1
  std::uint32_t seed = 0;

  friend bool operator==(HnswParameters const&, HnswParameters const&) = default;
};

/// Owns a copy of its vectors. The same vectors in the same order, parameters and level give the same graph.
class HnswIndex {
 public:
  /// Room for `capacity` vectors; the r-th that is added gets the id first_id + r.
  HnswIndex(HnswParameters const& parameters, std::size_t capacity, std::uint64_t first_id,
            InstructionLevel level = native_level());
  HnswIndex(HnswIndex&&) noexcept;
  HnswIndex& operator=(HnswIndex&&) noexcept;
  ~HnswIndex();

  /// Adds all rows; in pieces, if the caller wants to tell how far it is.
  void add(Vectors vectors);

  /// `ef`: candidates kept while searching (at least k are): larger is slower and finds more. Distances are
  /// exact_distance's. One search at a time.
  [[nodiscard]] Neighbours search(Vectors queries, std::size_t k, std::size_t ef);

  [[nodiscard]] std::size_t rows() const;
  [[nodiscard]] std::uint64_t first_id() const;
  [[nodiscard]] HnswParameters const& parameters() const;
  /// Whether these are its vectors, all of them, in the order in which they were added.
  [[nodiscard]] bool holds(Vectors vectors) const;

  /// Writes `path` whole or not at all. Throws InputOutputError.
  void save(std::string const& path) const;
  /// Reads what save() wrote. Throws InputOutputError if that is not what is there.
  [[nodiscard]] static HnswIndex load(std::string const& path, InstructionLevel level = native_level());

 private:
  struct State;
  explicit HnswIndex(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace ballast
