// Views of rows.
#include "ballast/search/vectors.hpp"

#include "ballast/core/contract.hpp"

namespace ballast {

Vectors::Vectors(std::span<float const> values, std::size_t dimension) : values_{values}, dimension_{dimension} {
  BALLAST_EXPECT(dimension > 0 && values.size() % dimension == 0);
}

Vectors Vectors::part(std::size_t first, std::size_t count) const {
  BALLAST_EXPECT(first <= rows() && count <= rows() - first);
  return {values_.subspan(first * dimension_, count * dimension_), dimension_};
}

}  // namespace ballast
