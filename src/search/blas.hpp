// BLAS: the one product that the search asks for.
#pragma once

#include <span>

#include "ballast/search/vectors.hpp"

namespace ballast {

/// products[i·b.rows() + j] = ⟨a_i, b_j⟩ in single precision, on one thread.
void inner_products(Vectors a, Vectors b, std::span<float> products);

}  // namespace ballast
