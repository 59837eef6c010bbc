// A run is cut where a job leaves it, and grows where its neighbour in the same attempt comes.
#include "schedule/holdings.hpp"

#include <iterator>
#include <utility>

#include "ballast/core/contract.hpp"

namespace ballast {

void Holdings::add(JobRun const& run) {
  BALLAST_EXPECT(run.count > 0);
  count_ += run.count;
  auto const after = runs_.lower_bound(run.first);
  if (after != runs_.begin()) {
    auto& [first, rest] = *std::prev(after);
    auto const end = first.value() + rest.count;
    BALLAST_EXPECT(end <= run.first.value());
    if (end == run.first.value() && rest.attempt == run.attempt) {
      rest.count += run.count;
      return;
    }
  }
  BALLAST_EXPECT(after == runs_.end() || run.first.value() + run.count <= after->first.value());
  runs_.emplace_hint(after, run.first, Rest{run.count, run.attempt});
}

bool Holdings::contains(JobAttempt name) const {
  auto const after = runs_.upper_bound(name.job);
  if (after == runs_.begin()) return false;
  auto const& [first, rest] = *std::prev(after);
  return name.job.value() - first.value() < rest.count && rest.attempt == name.attempt;
}

bool Holdings::remove(JobAttempt name) {
  auto found = runs_.upper_bound(name.job);
  if (found == runs_.begin()) return false;
  --found;
  auto const [first, rest] = *found;
  auto const before = name.job.value() - first.value();
  if (before >= rest.count || rest.attempt != name.attempt) return false;

  auto const behind = rest.count - before - 1;
  if (behind > 0) runs_.emplace_hint(std::next(found), name.job.next(), Rest{behind, rest.attempt});
  if (before > 0)
    found->second.count = before;
  else
    runs_.erase(found);
  --count_;
  return true;
}

JobRuns Holdings::remove_all() {
  JobRuns all;
  for (auto const& [first, rest] : std::exchange(runs_, {})) all.push_back({first, rest.count, rest.attempt});
  count_ = 0;
  return all;
}

}  // namespace ballast
