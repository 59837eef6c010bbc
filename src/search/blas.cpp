// The product by OpenBLAS. Its threads gain nothing here, and the solvers have the cores.
#include "search/blas.hpp"

#include <cblas.h>

#include "ballast/core/contract.hpp"

namespace ballast {

void inner_products(Vectors a, Vectors b, std::span<float> products) {
  static bool const alone = (openblas_set_num_threads(1), true);
  BALLAST_EXPECT(alone && a.dimension() == b.dimension() && products.size() >= a.rows() * b.rows());
  if (a.rows() == 0 || b.rows() == 0) return;
  auto const rows = static_cast<blasint>(b.rows());
  auto const dimension = static_cast<blasint>(a.dimension());
  cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasTrans, static_cast<blasint>(a.rows()), rows, dimension, 1.0F, a.row(0),
              dimension, b.row(0), dimension, 0.0F, products.data(), rows);
}

}  // namespace ballast
