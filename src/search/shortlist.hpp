// Shortlist: the rows that may be among the k nearest of one query, as far as scores tell.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <utility>
#include <vector>

namespace ballast {

class Shortlist {
 public:
  struct Entry {
    float low;   ///< the lowest that the exact score may be
    float high;  ///< the highest
    std::uint32_t row;
  };

  explicit Shortlist(std::size_t k) : k_{k} {}

  /// No row whose exact score is above this is among the k nearest.
  [[nodiscard]] float limit() const { return limit_; }
  void lower_limit(float limit) { limit_ = std::min(limit_, limit); }

  /// A score that is not a number may stand for any.
  void add(float score, float error, std::uint32_t row) {
    constexpr auto endless = std::numeric_limits<float>::infinity();
    auto const low = score - error;
    auto const high = score + error;
    entries_.push_back({std::isnan(low) ? -endless : low, std::isnan(high) ? endless : high, row});
  }

  /// Drops who is out by the k-th highest of the others, once there are enough to make it worth while. Returns whether
  /// what is left is still too much to keep: then measure it.
  [[nodiscard]] bool prune() {
    if (entries_.size() < capacity()) return false;
    auto const kth = entries_.begin() + static_cast<std::ptrdiff_t>(k_ - 1);
    std::nth_element(entries_.begin(), kth, entries_.end(),
                     [](Entry const& a, Entry const& b) { return a.high < b.high; });
    lower_limit(kth->high);
    std::erase_if(entries_, [this](Entry const& entry) { return entry.low > limit_; });
    return entries_.size() >= 2 * k_ + 16;
  }

  /// Everybody, the most promising first; the list is empty then.
  [[nodiscard]] std::vector<Entry> take() {
    std::sort(entries_.begin(), entries_.end(), [](Entry const& a, Entry const& b) { return a.low < b.low; });
    return std::exchange(entries_, {});
  }

 private:
  [[nodiscard]] std::size_t capacity() const { return 3 * k_ + 32; }

  std::size_t k_;
  float limit_ = std::numeric_limits<float>::infinity();
  std::vector<Entry> entries_;
};

}  // namespace ballast
