// Train plan: the training that was asked for; the same on every rank.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include <ballast/learn/training.hpp>
#include <ballast/runtime/options.hpp>

namespace app {

enum class ShardAverage { samples, uniform };  ///< a shard counts as much as it has rows, or as any other
enum class TrainSync { model, gradient };      ///< what the shards send: a state after their own steps, or a gradient

/// Paths are opened on the Main Node only.
struct TrainPlan {
  std::string images;
  std::string labels;
  std::string test_images;
  std::string test_labels;
  std::string csv;  ///< instead of images
  bool header{false};
  std::optional<std::size_t> label_column;
  std::size_t test_every{0};  ///< 0: none
  std::optional<std::uint32_t> hidden;
  std::uint32_t rounds{10};
  std::uint32_t shards{4};
  ballast::learn::TrainingOptions options;
  ShardAverage average{};
  TrainSync sync{};
  std::uint64_t seed{};
  std::string save;  ///< empty: nowhere
  std::string load;  ///< empty: from the beginning
  std::string run_dir;
  ballast::Resume resume{};
};

}  // namespace app
