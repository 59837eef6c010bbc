// Shard jobs: a job of each round is a shard, named and nothing more.
#pragma once

#include <cstdint>
#include <string_view>

#include <ballast/problem/splitter.hpp>

namespace app {

struct ShardJob {
  std::uint32_t round{};
  std::uint32_t shard{};
};

/// Throws EngineError if it names no shard.
[[nodiscard]] ShardJob unpack_shard_job(std::string_view bytes);

class ShardSplitter final : public ballast::IndexedSplitter {
 public:
  ShardSplitter(std::uint32_t round, std::uint32_t shards) : round_{round}, shards_{shards} {}
  [[nodiscard]] std::uint64_t count() const override { return shards_; }
  ballast::Payload read(ballast::JobId id) override;

 private:
  std::uint32_t round_;
  std::uint32_t shards_;
};

}  // namespace app
