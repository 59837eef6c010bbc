// Lanes are cut from the front only, so a lane is three numbers for its whole life.
#include "schedule/pool.hpp"

#include <algorithm>
#include <numeric>

#include "ballast/core/contract.hpp"

namespace ballast {

void Pool::leave_out(std::vector<JobSpan> const& resolved) {
  BALLAST_EXPECT(jobs_ == 0);
  std::vector<JobSpan> places;
  for (auto const& span : resolved) {
    auto const first = shard_.below(span.first.value());
    places.push_back({JobId{first}, shard_.below(span.first.value() + span.count) - first});
  }
  gaps_ = Gaps{places};
}

void Pool::grow(std::uint64_t count) {
  BALLAST_EXPECT(shard_.below(count) >= jobs_);
  jobs_ = shard_.below(count);
  found_ = gaps_.left_below(JobId{jobs_});
}

void Pool::arrange(std::vector<double> costs) {
  BALLAST_EXPECT(shard_.shards == 1);
  costs.resize(jobs_);
  order_.reserve(found_);
  gaps_.spans(0, found_, [&](JobSpan const& span) {
    for (std::uint64_t i = 0; i < span.count; ++i) order_.push_back(span.first.value() + i);
    return true;
  });
  std::stable_sort(order_.begin(), order_.end(), [&](auto a, auto b) { return costs[a] > costs[b]; });
  cost_left_ =
      std::accumulate(order_.begin(), order_.end(), 0.0, [&](double sum, auto job) { return sum + costs[job]; });
  costs_ = std::move(costs);
}

double Pool::least_cost() const {
  auto least = CostLimits::none;
  for (auto const& lane : common_)
    if (auto const jobs = left(lane); jobs > 0)
      least = std::min(least, costs_[job_at(lane.first + (jobs - 1) * lane.stride).value()]);
  return least;
}

void Pool::reserve(NodeId node, Lane lane) {
  BALLAST_EXPECT(lane.stride > 0);
  if (reserved_.empty()) common_.clear();
  reserved_.insert_or_assign(node, Lanes{lane});
}

void Pool::deal(NodeId node) {
  BALLAST_EXPECT(common() > 0);
  // What is empty for now may grow.
  while (common_.front().first >= common_.front().end) common_.pop_front();
  auto& from = *std::find_if(common_.begin(), common_.end(), [&](Lane const& lane) { return left(lane) > 0; });
  auto& lanes = reserved_[node];
  if (!lanes.empty() && lanes.back().stride == 1 && lanes.back().end == from.first)
    ++lanes.back().end;
  else
    lanes.push_back({.first = from.first, .end = from.first + 1});
  from.first += from.stride;
}

void Pool::release(NodeId node) {
  auto const lanes = reserved_.extract(node);
  if (!lanes.empty()) common_.insert(common_.end(), lanes.mapped().begin(), lanes.mapped().end());
}

std::uint64_t Pool::left(Lane const& lane) const {
  auto const end = std::min(lane.end, found_);
  return lane.first < end ? (end - lane.first - 1) / lane.stride + 1 : 0;
}

std::uint64_t Pool::left(Lanes const& lanes) const {
  std::uint64_t sum = 0;
  for (auto const& lane : lanes) sum += left(lane);
  return sum;
}

std::uint64_t Pool::common() const { return left(common_); }

std::uint64_t Pool::reserved(NodeId node) const {
  auto const lanes = reserved_.find(node);
  return lanes == reserved_.end() ? 0 : left(lanes->second);
}

JobId Pool::job_at(std::uint64_t place) const {
  return order_.empty() ? shard_.job_at(gaps_.job_at(place).value()) : JobId{order_[place]};
}

std::uint64_t Pool::take_places(Lane const& lane, std::uint64_t count, JobRuns& taken) const {
  auto const first_attempt = Attempt{1};
  std::uint64_t sum = 0;
  if (lane.stride == 1 && order_.empty() && shard_.shards == 1)
    gaps_.spans(lane.first, count, [&](JobSpan const& span) {
      if (taken.size() == most_runs) return false;
      taken.push_back({span.first, span.count, first_attempt});
      sum += span.count;
      return true;
    });
  else
    for (; sum < count && taken.size() < most_runs; ++sum)
      taken.push_back({job_at(lane.first + sum * lane.stride), 1, first_attempt});
  return sum;
}

void Pool::cut(Lanes& lanes, std::size_t from, std::uint64_t count, JobRuns& taken) {
  for (auto i = from; i < lanes.size() && count > 0 && taken.size() < most_runs; ++i) {
    auto& lane = lanes[i];
    auto const here = take_places(lane, std::min(count, left(lane)), taken);
    lane.first += here * lane.stride;
    count -= here;
    taken_ += here;
  }
  // The last one stays: it may grow.
  while (from + 1 < lanes.size() && lanes[from].first >= lanes[from].end)
    lanes.erase(lanes.begin() + static_cast<std::ptrdiff_t>(from));
}

std::size_t Pool::split_at(double cost_limit) {
  auto const costs_more = [&](auto job) { return costs_[job] > cost_limit; };
  while (left(common_.back()) == 0) common_.pop_back();
  auto const job_place = [&](std::uint64_t place) { return order_.begin() + static_cast<std::ptrdiff_t>(place); };
  for (std::size_t i = 0;; ++i) {
    auto const [first, stride, bound] = common_[i];
    auto const end = std::min(bound, found_);
    auto const fitting = std::partition_point(job_place(first), job_place(end), costs_more) - job_place(0);
    auto const place = static_cast<std::uint64_t>(fitting);
    if (place == end && i + 1 < common_.size()) continue;
    auto const begin = std::min(place, end - 1);
    if (begin == first) return i;
    common_[i].end = begin;
    common_.insert(common_.begin() + static_cast<std::ptrdiff_t>(i) + 1, {.first = begin, .end = end});
    return i + 1;
  }
}

// Long jobs must begin early, and short ones mixed with them let the messages come evenly.
void Pool::cut_both_ends(std::size_t from, std::uint64_t count, double limit, JobRuns& taken) {
  double cost = 0;
  auto const fits = [&](std::uint64_t place, double budget) {
    auto const more = costs_[job_at(place).value()];
    if (!taken.empty() && cost + more > budget) return false;
    cost += more;
    return true;
  };
  while (from < common_.size() && left(common_[from]) == 0) ++from;
  while (from < common_.size() && taken.size() < count && left(common_[from]) > 0 &&
         fits(common_[from].first, limit / 2))
    cut(common_, from, 1, taken);
  while (common() > 0 && taken.size() < count) {
    while (left(common_.back()) == 0) common_.pop_back();
    auto& lane = common_.back();
    auto const last = lane.first + (left(lane) - 1) * lane.stride;
    if (!fits(last, limit)) return;
    taken.push_back({job_at(last), 1, Attempt{1}});
    lane.end = last;
    ++taken_;
  }
}

JobRuns Pool::take(NodeId node, std::uint64_t count, CostLimits const& limits) {
  JobRuns taken;
  if (auto const own = reserved_.find(node); own != reserved_.end()) cut(own->second, 0, count, taken);
  if (taken.empty() && costs_.empty()) cut(common_, 0, count, taken);
  if (taken.empty() && common() > 0) {
    auto const from = limits.each == CostLimits::none ? 0 : split_at(limits.each);
    if (limits.together == CostLimits::none)
      cut(common_, from, count, taken);
    else
      cut_both_ends(from, std::min<std::uint64_t>(count, most_runs), limits.together, taken);
  }
  if (!costs_.empty())
    for (auto const& run : taken) cost_left_ -= costs_[run.first.value()];
  return taken;
}

}  // namespace ballast
