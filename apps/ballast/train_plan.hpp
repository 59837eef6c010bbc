// Train plan: the training that was asked for; the same on every rank.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <ballast/core/instruction_level.hpp>
#include <ballast/learn/training.hpp>
#include <ballast/problem/problem.hpp>
#include <ballast/runtime/options.hpp>

#include "learn_flags.hpp"

namespace app {

enum class ShardAverage { samples, uniform };  ///< a shard counts as much as it has rows, or as any other
enum class TrainSync { model, gradient };      ///< what the shards send: a state after their own steps, or a gradient

/// Paths are opened on the Main Node only, but for those of shards, which their nodes open.
struct TrainPlan {
  RowSource source;  ///< nothing in it if the shards have files of their own
  std::string labels;
  std::vector<std::string> shard_files;  ///< a table each, or `IMAGES,LABELS`
  std::string test_images;
  std::string test_labels;
  std::string test_csv;
  std::size_t test_every{0};  ///< 0: none
  std::optional<std::uint32_t> hidden;
  std::uint32_t rounds{10};
  std::uint32_t shards{4};
  ballast::learn::TrainingOptions options;
  ShardAverage average{};
  TrainSync sync{};
  ballast::InstructionLevel level{};
  std::uint64_t seed{};
  std::string save;  ///< empty: nowhere
  std::string load;  ///< empty: from the beginning
  std::string run_dir;
  ballast::Resume resume{};
  std::string record;

  [[nodiscard]] bool shards_stay() const { return !shard_files.empty(); }
  /// A shard that stays is computed where it is.
  [[nodiscard]] ballast::Sharding sharding() const { return {.count = shards_stay() ? shards : 1}; }
};

}  // namespace app
