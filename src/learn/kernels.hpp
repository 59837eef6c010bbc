// Kernels: the innermost loops of training, compiled once for each instruction level and chosen when the program runs.
#pragma once

#include <cstddef>
#include <cstdint>

#include "ballast/core/instruction_level.hpp"

namespace ballast::learn {

/// The columns of a panel, and what the columns of every matrix that a kernel writes are a multiple of.
constexpr std::size_t lane_count = 16;

/// Where a matrix is: panels of `lane_count` columns, `panel` floats apart, whose rows are `row` floats apart. By rows:
/// {columns, lane_count}. Panel after panel: {lane_count, rows·lane_count}, which large factors should be, as rows that
/// are far apart share few places in the cache.
struct Placing {
  std::size_t row;
  std::size_t panel;
};

/// c = a·b, where a's element (row, step) is a[row·row_stride + step·step_stride]: a may be read as its transpose.
struct Product {
  float const* a;
  std::size_t row_stride;
  std::size_t step_stride;
  float const* b;  ///< steps × columns
  Placing b_placing;
  float* c;  ///< rows × columns
  Placing c_placing;
  std::size_t rows;
  std::size_t steps;
  std::size_t columns;
};

/// Logits that become the gradient of their cross-entropy, in place.
struct Softmax {
  float* logits;  ///< rows × columns; columns from `classes` on become 0
  std::uint32_t const* labels;
  float* likelihoods;  ///< of each row's label
  std::size_t rows;
  std::size_t classes;
  std::size_t columns;
  float factor;  ///< of each row in the gradient
};

/// One step of Adam (Kingma and Ba, 2015), the corrections of the bias in `rate` and `root_factor`.
struct AdamStep {
  float const* gradient;
  float* weights;
  float* first;
  float* second;
  std::size_t count;
  float first_decay;
  float first_share;  ///< 1 − first_decay, before it is rounded
  float second_decay;
  float second_share;
  float epsilon;
  float rate;         ///< learning rate ÷ (1 − first_decay^t)
  float root_factor;  ///< 1 ÷ √(1 − second_decay^t)
};

struct Kernels {
  /// Fuses multiply and add where the level can: its bits differ from level to level; all others' do not.
  void (*multiply)(Product const&);

  void (*add_bias)(float* rows_of_values, float const* bias, std::size_t rows, std::size_t columns);
  /// Sets to 0 what is below it; what is not a number stays so.
  void (*rectify)(float* values, std::size_t count);
  /// Sets to 0 where the rectified activation is 0.
  void (*mask)(float* gradient, float const* activation, std::size_t count);
  void (*sum_columns)(float const* values, float* sums, std::size_t rows, std::size_t columns);
  void (*softmax)(Softmax const&);
  void (*adam)(AdamStep const&);
};

/// Breaks its contract if this processor has not got that level.
[[nodiscard]] Kernels const& kernels_of(InstructionLevel level);

namespace generic {
extern Kernels const kernels;
}
namespace avx2 {
extern Kernels const kernels;
}
namespace avx512 {
extern Kernels const kernels;
}

}  // namespace ballast::learn
