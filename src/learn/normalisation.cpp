// Moments of features, and what is made of them.
#include "ballast/learn/normalisation.hpp"

#include <cmath>

#include "ballast/core/contract.hpp"

namespace ballast::learn {
namespace {

constexpr double rounding = 1e-7;  // of float32: a feature that varies less than this part of its mean does not vary

}  // namespace

void FeatureMoments::add(Matrix const& rows) {
  if (rows.rows == 0) return;
  FeatureMoments added;
  added.rows_ = rows.rows;
  added.mean_.resize(rows.columns);
  added.squares_.resize(rows.columns);
  for (std::size_t row = 0; row < rows.rows; ++row)
    for (std::size_t i = 0; i < rows.columns; ++i) added.mean_[i] += rows.row(row)[i];
  for (auto& mean : added.mean_) mean /= static_cast<double>(rows.rows);
  for (std::size_t row = 0; row < rows.rows; ++row)
    for (std::size_t i = 0; i < rows.columns; ++i) {
      auto const deviation = rows.row(row)[i] - added.mean_[i];
      added.squares_[i] += deviation * deviation;
    }
  join(added);
}

void FeatureMoments::join(FeatureMoments const& other) {
  if (other.rows_ == 0) return;
  if (rows_ == 0) {
    *this = other;
    return;
  }
  BALLAST_EXPECT(mean_.size() == other.mean_.size());
  auto const here = static_cast<double>(rows_);
  auto const there = static_cast<double>(other.rows_);
  for (std::size_t i = 0; i < mean_.size(); ++i) {
    auto const apart = other.mean_[i] - mean_[i];
    mean_[i] += apart * (there / (here + there));
    squares_[i] += other.squares_[i] + apart * apart * (here * there / (here + there));
  }
  rows_ += other.rows_;
}

/// Each feature with the moments of all values.
FeatureMoments FeatureMoments::pooled() const {
  FeatureMoments all;
  for (std::size_t i = 0; i < mean_.size(); ++i) {
    FeatureMoments one;
    one.rows_ = rows_;
    one.mean_ = {mean_[i]};
    one.squares_ = {squares_[i]};
    all.join(one);
  }
  auto const features = mean_.size();
  all.mean_.assign(features, all.mean_.front());
  all.squares_.assign(features, all.squares_.front());
  return all;
}

Normalisation FeatureMoments::normalisation(Scaling scaling) const {
  BALLAST_EXPECT(rows_ > 0 && !mean_.empty());
  auto const moments = scaling == Scaling::all_features ? pooled() : *this;
  Normalisation result;
  for (std::size_t i = 0; i < mean_.size(); ++i) {
    auto const mean = moments.mean_[i];
    auto const deviation = std::sqrt(moments.squares_[i] / static_cast<double>(moments.rows_));
    auto const scale = static_cast<float>(deviation);
    auto const varies = deviation > rounding * std::abs(mean) && std::isnormal(scale);
    result.mean.push_back(static_cast<float>(mean));
    result.scale.push_back(varies ? scale : 1.0F);
  }
  return result;
}

void normalise(Matrix& rows, Normalisation const& normalisation) {
  BALLAST_EXPECT(normalisation.mean.size() == rows.columns && normalisation.scale.size() == rows.columns);
  for (std::size_t row = 0; row < rows.rows; ++row)
    for (std::size_t i = 0; i < rows.columns; ++i) {
      auto& value = rows.values[row * rows.columns + i];
      value = (value - normalisation.mean[i]) / normalisation.scale[i];
    }
}

}  // namespace ballast::learn
