// Nearest: the k best places of one query, filled one by one.
#pragma once

#include <algorithm>
#include <compare>
#include <cstdint>
#include <vector>

#include "ballast/search/neighbours.hpp"

namespace ballast {

/// Ordered as answers are: by distance, then by id.
struct Neighbour {
  float distance;
  std::int64_t id;

  friend auto operator<=>(Neighbour const&, Neighbour const&) = default;
};

class Nearest {
 public:
  explicit Nearest(std::size_t k) : k_{k} {}

  void offer(Neighbour neighbour) {
    if (is_full() && !(neighbour < best_.back())) return;
    if (is_full()) best_.pop_back();
    best_.insert(std::upper_bound(best_.begin(), best_.end(), neighbour), neighbour);
  }
  [[nodiscard]] std::size_t k() const { return k_; }
  [[nodiscard]] bool is_full() const { return best_.size() == k_; }
  /// Of the last place, which must be taken.
  [[nodiscard]] float worst() const { return best_.back().distance; }

  void write_to(Neighbours& into, std::size_t query) const {
    for (std::size_t place = 0; place < best_.size(); ++place) {
      into.ids[query * k_ + place] = best_[place].id;
      into.distances[query * k_ + place] = best_[place].distance;
    }
  }

 private:
  std::size_t k_;
  std::vector<Neighbour> best_;
};

}  // namespace ballast
