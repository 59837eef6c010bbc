// Extent table: where in a spill file the value of a job is, for millions of jobs.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <unordered_map>

#include "ballast/core/contract.hpp"
#include "ballast/core/id.hpp"

namespace ballast {

/// A run of bytes in a file, at most 1 MiB long, in 8 bytes.
class Extent {
 public:
  static constexpr unsigned length_bits = 21;
  static constexpr std::uint64_t longest = std::uint64_t{1} << 20;
  static constexpr std::uint64_t farthest = (std::uint64_t{1} << (64 - length_bits)) - 1;

  Extent() = default;
  Extent(std::uint64_t offset, std::uint64_t length) : packed_{offset << length_bits | length} {
    BALLAST_EXPECT(length <= longest && offset <= farthest);
  }
  [[nodiscard]] std::uint64_t offset() const { return packed_ >> length_bits; }
  [[nodiscard]] std::uint64_t length() const { return packed_ & ((std::uint64_t{1} << length_bits) - 1); }
  [[nodiscard]] std::uint64_t end() const { return offset() + length(); }

 private:
  std::uint64_t packed_ = 0;
};

/// One extent per job. Ids may come and go in any order; memory is least (9 bytes per entry) where they are dense,
/// since pages of 64 neighbours are kept while one of them is there.
class ExtentTable {
 public:
  [[nodiscard]] std::optional<Extent> find(JobId job) const {
    auto const page = pages_.find(job.value() / page_size);
    if (page == pages_.end() || (page->second->used & bit(job)) == 0) return std::nullopt;
    return page->second->extents[job.value() % page_size];
  }

  void set(JobId job, Extent extent) {
    auto& page = pages_[job.value() / page_size];
    if (!page) page = std::make_unique<Page>();
    page->used |= bit(job);
    page->extents[job.value() % page_size] = extent;
  }

  void erase(JobId job) {
    auto const page = pages_.find(job.value() / page_size);
    if (page == pages_.end()) return;
    page->second->used &= ~bit(job);
    if (page->second->used == 0) pages_.erase(page);
  }

 private:
  static constexpr std::uint64_t page_size = 64;

  struct Page {
    std::uint64_t used = 0;  ///< one bit per extent
    std::array<Extent, page_size> extents;
  };

  static std::uint64_t bit(JobId job) { return std::uint64_t{1} << (job.value() % page_size); }

  std::unordered_map<std::uint64_t, std::unique_ptr<Page>> pages_;
};

}  // namespace ballast
