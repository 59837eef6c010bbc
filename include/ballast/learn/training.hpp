// Training: one shard's part of a round, by its own steps or by its gradient.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "ballast/core/instruction_level.hpp"
#include "ballast/learn/dataset.hpp"
#include "ballast/learn/model_state.hpp"

namespace ballast::learn {

// All of it is a function of its arguments: the same bits wherever and whenever it is called, at the same instruction
// level. Features are normalised already; a dataset has the shape's inputs and classes, or a contract is broken.
// A loss that is no number says that the training has diverged.

/// Minibatches by Adam (Kingma and Ba, 2015; β 0.9 and 0.999, ε 1e-8).
struct TrainingOptions {
  std::uint32_t epochs = 1;
  std::uint32_t steps =
      0;  ///< of a round, instead of epochs, going on in the shard where the round before ended; 0: none
  std::uint32_t batch = 32;  ///< ≥ 1; the last of an epoch may be smaller
  float learning_rate = 1e-3F;
};

/// What decides the order of the rows, beside the epoch.
struct ShardTurn {
  std::uint64_t seed = 0;
  std::uint32_t round = 0;
  std::uint32_t shard = 0;
};

struct TrainedShard {
  ModelState state;
  double loss =
      0;  ///< mean cross-entropy of the last epoch (or of the steps), each row before its step; 0 without rows
};

[[nodiscard]] TrainedShard train_shard(ModelState const& state, DatasetView const& shard,
                                       TrainingOptions const& options, ShardTurn const& turn,
                                       InstructionLevel level = native_level());

/// Sums over rows: of the cross-entropy's derivative by each weight, and of the cross-entropy.
struct GradientSum {
  NetworkShape shape;
  std::vector<float> values;  ///< parameters()
  double loss = 0;
  std::uint64_t rows = 0;
};

[[nodiscard]] GradientSum gradient(ModelState const& state, DatasetView const& shard,
                                   InstructionLevel level = native_level());

/// That of all the rows: in double, in the order given. Breaks its contract without any, or if shapes differ.
[[nodiscard]] GradientSum joined(std::span<GradientSum const> sums);

/// One step of Adam along the mean gradient. Breaks its contract if there were no rows.
[[nodiscard]] ModelState stepped(ModelState const& state, GradientSum const& sum, float learning_rate,
                                 InstructionLevel level = native_level());

/// Bytes for the wire and the journal.
[[nodiscard]] std::string encode(GradientSum const& sum);
/// Throws EngineError for bytes that `encode` cannot have written.
[[nodiscard]] GradientSum decode_gradient(std::string_view bytes);

}  // namespace ballast::learn
