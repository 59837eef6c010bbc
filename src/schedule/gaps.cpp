// A gap is known by the place behind it, so that places need no search of jobs and jobs none of places.
#include "schedule/gaps.hpp"

#include <algorithm>

#include "ballast/core/contract.hpp"

namespace ballast {

Gaps::Gaps(std::vector<JobSpan> const& resolved) {
  std::uint64_t end = 0, skipped = 0;
  gaps_.reserve(resolved.size());
  for (auto const& span : resolved) {
    BALLAST_EXPECT(span.first.value() >= end);
    if (span.count == 0) continue;
    auto const place = span.first.value() - skipped;
    end = span.first.value() + span.count;
    skipped += span.count;
    if (!gaps_.empty() && gaps_.back().place == place)
      gaps_.back().skipped = skipped;
    else
      gaps_.push_back({place, skipped});
  }
}

std::vector<Gaps::Gap>::const_iterator Gaps::behind(std::uint64_t place) const {
  return std::partition_point(gaps_.begin(), gaps_.end(), [&](Gap const& gap) { return gap.place <= place; });
}

JobId Gaps::job_at(std::uint64_t place) const {
  auto const next = behind(place);
  return JobId{next == gaps_.begin() ? place : place + (next - 1)->skipped};
}

std::uint64_t Gaps::left_below(JobId job) const {
  // Behind a gap, a job is as many places further on as were skipped; in it, it is no further than its end.
  auto const next = std::partition_point(gaps_.begin(), gaps_.end(),
                                         [&](Gap const& gap) { return gap.place + gap.skipped <= job.value(); });
  auto const left = next == gaps_.begin() ? job.value() : job.value() - (next - 1)->skipped;
  return next == gaps_.end() ? left : std::min(left, next->place);
}

}  // namespace ballast
