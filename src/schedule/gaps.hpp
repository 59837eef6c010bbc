// Gaps: the jobs that are left when some of the dataset are resolved already; where the n-th of them is, and back.
#pragma once

#include <cstdint>
#include <vector>

#include "ballast/core/job.hpp"

namespace ballast {

/// Jobs that are left have places 0, 1, 2 … in dataset order. Sixteen bytes for each run of jobs that are not.
class Gaps {
 public:
  Gaps() = default;
  /// Expects spans in order, disjoint.
  explicit Gaps(std::vector<JobSpan> const& resolved);

  [[nodiscard]] JobId job_at(std::uint64_t place) const;
  /// How many jobs below this one are left: its place, if it is left itself.
  [[nodiscard]] std::uint64_t left_below(JobId job) const;
  /// Jobs at places first … first + count − 1, as spans without a gap; calls `take(span)` until it returns false.
  template <class Take>
  void spans(std::uint64_t first, std::uint64_t count, Take&& take) const;

 private:
  struct Gap {
    std::uint64_t place{};    ///< of the first job behind it that is left
    std::uint64_t skipped{};  ///< jobs in this gap and all before it
  };

  /// The first gap whose place is above this one.
  [[nodiscard]] std::vector<Gap>::const_iterator behind(std::uint64_t place) const;

  std::vector<Gap> gaps_;  // by place; no two have the same
};

template <class Take>
void Gaps::spans(std::uint64_t first, std::uint64_t count, Take&& take) const {
  auto next = behind(first);
  while (count > 0) {
    auto const skipped = next == gaps_.begin() ? 0 : (next - 1)->skipped;
    auto const here = next == gaps_.end() || next->place - first > count ? count : next->place - first;
    if (!take(JobSpan{JobId{first + skipped}, here})) return;
    first += here;
    count -= here;
    if (count > 0) ++next;
  }
}

}  // namespace ballast
