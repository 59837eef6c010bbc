// Shard keeper: a node's own shards, in memory that all its solvers share and that outlives them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <string_view>

#include <ballast/core/payload.hpp>

namespace app {

/// Made in the rank, before its solvers are forked: what one of them keeps, the later ones find. Who dies while it
/// writes leaves nothing. Not for threads.
class ShardKeeper {
 public:
  /// Throws InputOutputError if the system gives no such memory.
  explicit ShardKeeper(std::uint32_t shards);
  ~ShardKeeper();
  ShardKeeper(ShardKeeper const&) = delete;
  ShardKeeper& operator=(ShardKeeper const&) = delete;

  /// The shard's bytes, as they are kept or else as they are made now; where they are until this object goes, aligned
  /// as memory that was allocated. Throws what `make` throws, and InputOutputError if memory ends.
  [[nodiscard]] std::string_view find(std::uint32_t shard, std::function<ballast::Payload()> const& make);

 private:
  struct Mapping {
    char* begin{};
    std::size_t size{};
  };
  void write(std::uint32_t shard, std::string_view bytes) const;
  [[nodiscard]] std::uint64_t size_of(std::uint32_t shard) const;

  int file_;
  std::map<std::uint32_t, Mapping> mappings_;  // of this process
};

}  // namespace app
