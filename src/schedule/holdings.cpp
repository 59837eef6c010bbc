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

Holdings::Runs::const_iterator Holdings::find(JobAttempt name) const {
  auto found = runs_.upper_bound(name.job);
  if (found == runs_.begin()) return runs_.end();
  --found;
  auto const& [first, rest] = *found;
  bool const inside = name.job.value() - first.value() < rest.count && rest.attempt == name.attempt;
  return inside ? found : runs_.end();
}

bool Holdings::remove(JobAttempt name) {
  auto const found = find(name);
  if (found == runs_.end()) return false;
  auto const [first, rest] = *found;
  auto const before = name.job.value() - first.value();
  auto const behind = rest.count - before - 1;
  auto const next = runs_.erase(found);
  if (behind > 0) runs_.emplace_hint(next, name.job.next(), Rest{behind, rest.attempt});
  if (before > 0) runs_.emplace(first, Rest{before, rest.attempt});
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
