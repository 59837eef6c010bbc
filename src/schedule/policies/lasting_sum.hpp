// Lasting sum: a sum of one term per node whose terms are replaced millions of times.
#pragma once

#include <algorithm>
#include <cmath>

namespace ballast {

/// Keeps what each addition loses (Neumaier 1974), so that old terms leave no trace when they are taken out again.
class LastingSum {
 public:
  void replace(double old_term, double new_term) {
    add(-old_term);
    add(new_term);
  }
  /// Terms are ≥ 0, and so is their sum.
  [[nodiscard]] double value() const { return std::max(sum_ + lost_, 0.0); }

 private:
  void add(double term) {
    auto const sum = sum_ + term;
    lost_ += std::abs(sum_) >= std::abs(term) ? (sum_ - sum) + term : (term - sum) + sum_;
    sum_ = sum;
  }

  double sum_{0};
  double lost_{0};
};

}  // namespace ballast
