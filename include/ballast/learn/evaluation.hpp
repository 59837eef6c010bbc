// Evaluation: what a model says about rows, and how often it is right.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "ballast/core/instruction_level.hpp"
#include "ballast/learn/dataset.hpp"
#include "ballast/learn/model_state.hpp"

namespace ballast::learn {

/// Of each row, the place of the likeliest class; of equally likely ones the lowest. `weights` are those of a state;
/// features are normalised already.
[[nodiscard]] std::vector<std::uint32_t> predict(NetworkShape shape, std::span<float const> weights, Matrix const& rows,
                                                 InstructionLevel level = native_level());

struct Evaluation {
  double accuracy = 0;  ///< part of the rows that were predicted right; not a number without rows
  std::vector<std::uint32_t> predictions;
};

[[nodiscard]] Evaluation evaluate(ModelState const& state, Dataset const& dataset,
                                  InstructionLevel level = native_level());

}  // namespace ballast::learn
