// Runs are cut at both ends, and in two where a job is dropped from the middle.
#include "schedule/job_queue.hpp"

#include <algorithm>

namespace ballast {

void JobQueue::push(JobRuns const& runs) {
  for (auto const& run : runs) {
    runs_.push_back(run);
    count_ += run.count;
  }
}

std::optional<JobAttempt> JobQueue::pop() {
  if (runs_.empty()) return {};
  auto& run = runs_.front();
  JobAttempt const name{run.first, run.attempt};
  run.first = run.first.next();
  if (--run.count == 0) runs_.pop_front();
  --count_;
  return name;
}

JobRuns JobQueue::release(std::uint64_t count) {
  JobRuns released;
  for (count = std::min(count, count_); count > 0;) {
    auto& run = runs_.back();
    auto const cut = std::min(count, run.count);
    run.count -= cut;
    count -= cut;
    count_ -= cut;
    released.push_back({JobId{run.first.value() + run.count}, cut, run.attempt});
    if (run.count == 0) runs_.pop_back();
  }
  std::reverse(released.begin(), released.end());
  return released;
}

bool JobQueue::drop(JobAttempt name) {
  auto const found = std::find_if(runs_.begin(), runs_.end(), [&](JobRun const& run) {
    return run.attempt == name.attempt && run.first <= name.job && name.job.value() - run.first.value() < run.count;
  });
  if (found == runs_.end()) return false;
  auto const before = name.job.value() - found->first.value();
  JobRun const behind{name.job.next(), found->count - before - 1, found->attempt};
  found->count = before;
  auto const next = before == 0 ? runs_.erase(found) : std::next(found);
  if (behind.count > 0) runs_.insert(next, behind);
  --count_;
  return true;
}

void JobQueue::clear() {
  runs_.clear();
  count_ = 0;
}

}  // namespace ballast
