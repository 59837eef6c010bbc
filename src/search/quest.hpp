// Quest: one query on its way through a base.
#pragma once

#include <algorithm>
#include <array>
#include <cmath>

#include "search/nearest.hpp"
#include "search/score.hpp"
#include "search/shortlist.hpp"
#include "search/weighed_base.hpp"

namespace ballast {

class Quest {
 public:
  Quest(WeighedBase const& base, float const* query, std::size_t k)
      : base_{&base},
        query_{query},
        square_{base.kernels().dot(query, query, base.rows().dimension())},
        norm_{std::sqrt(square_)},
        shortlist_{k},
        nearest_{k} {}

  /// Goes past rows first … first + count − 1: its inner products with them, and the largest of what they weigh.
  void pass(float const* products, std::size_t first, std::size_t count, ScoreScale scale) {
    scale.query_norm = norm_;
    auto const error = rounded_up(score_error(base_->metric(), scale, base_->rows().dimension()));
    for (std::size_t begin = 0; begin < count; begin += rows_at_once) {
      propose(products + begin, first + begin, std::min(rows_at_once, count - begin), error);
      if (shortlist_.prune()) measure();
    }
  }

  /// At the end.
  void write_to(Neighbours& found, std::size_t row) {
    measure();
    nearest_.write_to(found, row);
  }

 private:
  static constexpr std::size_t rows_at_once = 128;  // between two looks at the limit

  void propose(float const* products, std::size_t first, std::size_t count, float error) {
    std::array<float, rows_at_once> scores;
    std::array<std::uint32_t, rows_at_once> positions;
    auto const limit = rounded_up(double{shortlist_.limit()} + double{error});
    auto const kept = base_->kernels().keep_low(products, base_->shifts(first), base_->factors(first), count, limit,
                                                scores.data(), positions.data());
    for (std::size_t i = 0; i < kept; ++i)
      shortlist_.add(scores[i], error, static_cast<std::uint32_t>(first) + positions[i]);
  }

  void measure() {
    for (auto const& entry : shortlist_.take()) {
      if (entry.low > shortlist_.limit()) break;
      nearest_.offer({base_->distance(query_, square_, entry.row), base_->id_of(entry.row)});
      if (nearest_.is_full())
        shortlist_.lower_limit(rounded_up(score_of_distance(base_->metric(), double{nearest_.worst()}, norm_)));
    }
  }

  WeighedBase const* base_;
  float const* query_;
  double square_;  // of the norm
  double norm_;
  Shortlist shortlist_;
  Nearest nearest_;
};

}  // namespace ballast
