// Moments of features, and what is made of them.
#include "ballast/learn/normalisation.hpp"

#include <cmath>

#include "ballast/core/contract.hpp"
#include "ballast/core/error.hpp"
#include "core/bytes.hpp"

namespace ballast::learn {
namespace {

constexpr double rounding = 1e-7;  // of float32: a feature that varies less than this part of its mean does not vary

}  // namespace

void FeatureMoments::add(std::span<float const> rows, std::size_t columns) {
  if (rows.empty()) return;
  FeatureMoments added;
  added.rows_ = rows.size() / columns;
  added.mean_.resize(columns);
  added.squares_.resize(columns);
  for (std::size_t row = 0; row < added.rows_; ++row)
    for (std::size_t i = 0; i < columns; ++i) added.mean_[i] += double{rows[row * columns + i]};
  for (auto& mean : added.mean_) mean /= static_cast<double>(added.rows_);
  for (std::size_t row = 0; row < added.rows_; ++row)
    for (std::size_t i = 0; i < columns; ++i) {
      auto const deviation = double{rows[row * columns + i]} - added.mean_[i];
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

std::string FeatureMoments::encode() const {
  ByteWriter writer;
  writer.number(std::uint64_t{rows_});
  writer.number(std::uint64_t{mean_.size()});
  for (auto const* const values : {&mean_, &squares_})
    for (auto const value : *values) writer.number(value);
  return writer.take();
}

FeatureMoments FeatureMoments::decode(std::string_view bytes) {
  ByteReader reader{bytes};
  FeatureMoments moments;
  moments.rows_ = reader.number<std::uint64_t>();
  auto const features = reader.number<std::uint64_t>();
  if (features > bytes.size() / (2 * sizeof(double)))
    throw EngineError{"moments of features cannot be read", "they are cut short", ""};
  for (auto* const values : {&moments.mean_, &moments.squares_})
    for (std::uint64_t i = 0; i < features; ++i) values->push_back(reader.number<double>());
  if (!reader.at_end()) throw EngineError{"moments of features cannot be read", "there are more bytes", ""};
  return moments;
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
