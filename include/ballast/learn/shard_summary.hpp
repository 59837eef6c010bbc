// Shard summary: what is told of shards that stay where they are, so that all of them are trained with alike.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "ballast/learn/dataset.hpp"
#include "ballast/learn/normalisation.hpp"

namespace ballast::learn {

/// What the owner of a shard tells of it.
struct ShardSummary {
  FeatureMoments moments;
  std::vector<float> classes;  ///< that occur in it, ascending
  std::uint64_t digest = 0;    ///< of features and labels: the same shard, the same digest
};

[[nodiscard]] ShardSummary summary_of(Dataset const& shard);

/// What all owners are told.
struct ShardTerms {
  Normalisation normalisation;
  std::vector<float> classes;          ///< of all shards
  std::vector<std::uint64_t> digests;  ///< of each shard
};

/// All shards as one, joined in the order given, so that the same summaries give the same bits.
struct JoinedShards {
  FeatureMoments moments;
  std::vector<float> classes;
  std::vector<std::uint64_t> digests;
  std::vector<double> sizes;  ///< rows of each
};
/// Throws InputOutputError if one has other features than the first. Breaks its contract without any.
[[nodiscard]] JoinedShards joined(std::span<ShardSummary const> summaries);

/// The shard as it is trained with: labels counted in all classes, features normalised. Throws InputOutputError if it
/// is not what it was when it was summarised.
[[nodiscard]] Dataset prepared(Dataset shard, ShardTerms const& terms, std::uint32_t number);

/// Bytes for the wire.
[[nodiscard]] std::string encode(ShardSummary const& summary);
[[nodiscard]] std::string encode(ShardTerms const& terms);
/// Throw EngineError for bytes that `encode` cannot have written.
[[nodiscard]] ShardSummary decode_summary(std::string_view bytes);
[[nodiscard]] ShardTerms decode_terms(std::string_view bytes);

}  // namespace ballast::learn
