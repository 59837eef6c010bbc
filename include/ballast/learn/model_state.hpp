// Model state: all that the next round of training depends on.
#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace ballast::learn {

/// Layers: inputs → hidden (rectified) → classes (softmax).
struct NetworkShape {
  std::uint32_t inputs = 0;
  std::uint32_t hidden = 0;
  std::uint32_t classes = 0;

  /// Of W0 (inputs × hidden, stored by rows), b0, W1 (hidden × classes), b1, which follow each other in this order.
  [[nodiscard]] std::size_t parameters() const;

  /// No layer is empty, and none nor their weights too many to count on.
  [[nodiscard]] bool is_possible() const;

  friend auto operator<=>(NetworkShape const&, NetworkShape const&) = default;
};

struct ModelState {
  NetworkShape shape;
  std::uint64_t steps = 0;    ///< of Adam
  std::vector<float> values;  ///< weights, Adam's first moments, its second moments: 3·parameters()

  [[nodiscard]] std::span<float const> weights() const { return std::span{values}.first(values.size() / 3); }
};

/// Before the first round: weights by He (2015), normal with variance 2 ÷ inputs of their layer; biases and moments 0.
/// The same on every machine. Throws UsageError for a shape of which a layer is empty or too large.
[[nodiscard]] ModelState initial_state(NetworkShape shape, std::uint64_t seed);

/// Σ wₖ·stateₖ ÷ Σ wₖ of weights, moments and (rounded) steps: in double, in the order given, so that the same states
/// give the same bits. Breaks its contract if shapes differ, a weight is negative or all are 0.
[[nodiscard]] ModelState average(std::span<ModelState const> states, std::span<double const> weights);

/// Bytes for the wire and the journal.
[[nodiscard]] std::string encode(ModelState const& state);
/// Throws EngineError for bytes that `encode` cannot have written.
[[nodiscard]] ModelState decode_state(std::string_view bytes);

}  // namespace ballast::learn
