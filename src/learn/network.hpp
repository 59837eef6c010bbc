// Network: two layers forward and backward over a batch of rows, by the kernels of one instruction level.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "ballast/learn/model_state.hpp"
#include "learn/aligned_floats.hpp"
#include "learn/kernels.hpp"

namespace ballast::learn {

/// Where the parameters are when the columns of both layers are filled up with zeros to whole panels, one panel after
/// the other. What is added stays zero in training: its activations are, and so are its gradients.
class PaddedLayout {
 public:
  explicit PaddedLayout(NetworkShape shape);

  [[nodiscard]] NetworkShape shape() const { return shape_; }
  [[nodiscard]] std::size_t hidden() const { return hidden_; }
  [[nodiscard]] std::size_t classes() const { return classes_; }

  [[nodiscard]] std::size_t lower_weights() const { return 0; }
  [[nodiscard]] std::size_t lower_bias() const { return shape_.inputs * hidden_; }
  [[nodiscard]] std::size_t upper_weights() const { return lower_bias() + hidden_; }
  [[nodiscard]] std::size_t upper_bias() const { return upper_weights() + shape_.hidden * classes_; }
  [[nodiscard]] std::size_t size() const { return upper_bias() + classes_; }

  [[nodiscard]] AlignedFloats padded(std::span<float const> parameters) const;
  void unpad(AlignedFloats const& padded, std::span<float> parameters) const;

 private:
  NetworkShape shape_;
  std::size_t hidden_;   // columns of W0
  std::size_t classes_;  // columns of W1
};

/// The workspace for batches of up to `most_rows`; borrows the kernels only.
class Network {
 public:
  Network(NetworkShape shape, std::size_t most_rows, InstructionLevel level);

  [[nodiscard]] PaddedLayout const& layout() const { return layout_; }
  [[nodiscard]] std::size_t most_rows() const { return most_rows_; }

  /// Reads `rows` rows of inputs, which follow each other.
  void forward(AlignedFloats const& parameters, float const* inputs, std::size_t rows);
  /// What forward left: a row has layout().classes() floats.
  [[nodiscard]] float const* logits() const { return logits_.data(); }

  /// After forward with the same arguments, once: writes `factor` times the summed gradient of the cross-entropy, and
  /// returns the summed cross-entropy.
  double backward(AlignedFloats const& parameters, float const* inputs, std::span<std::uint32_t const> labels,
                  float factor, AlignedFloats& gradient);

 private:
  void transpose_upper(float const* weights);

  PaddedLayout layout_;
  std::size_t most_rows_;
  Kernels const& kernels_;
  AlignedFloats hidden_;
  AlignedFloats logits_;
  AlignedFloats hidden_gradient_;
  AlignedFloats upper_transposed_;
  AlignedFloats likelihoods_;
};

}  // namespace ballast::learn
