// Lanes are cut from the front only, so a lane is three numbers for its whole life.
#include "schedule/pool.hpp"

#include <algorithm>
#include <numeric>

#include "ballast/core/contract.hpp"

namespace ballast {

void Pool::grow(std::uint64_t count) {
  BALLAST_EXPECT(count >= found_);
  found_ = count;
}

void Pool::arrange(std::vector<double> costs) {
  costs.resize(found_);
  order_.resize(found_);
  std::iota(order_.begin(), order_.end(), std::uint64_t{0});
  std::stable_sort(order_.begin(), order_.end(), [&](auto a, auto b) { return costs[a] > costs[b]; });
}

void Pool::reserve(NodeId node, Lane lane) {
  BALLAST_EXPECT(lane.stride > 0);
  if (reserved_.empty()) common_.clear();
  reserved_.insert_or_assign(node, Lanes{lane});
}

void Pool::deal(NodeId node) {
  BALLAST_EXPECT(common() > 0);
  while (left(common_.front()) == 0) common_.pop_front();
  auto& from = common_.front();
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

JobId Pool::job_at(std::uint64_t place) const { return JobId{order_.empty() ? place : order_[place]}; }

void Pool::cut(Lanes& lanes, std::uint64_t count, JobRuns& taken) {
  auto const first_attempt = Attempt{1};
  for (auto& lane : lanes) {
    auto const here = std::min(count, left(lane));
    if (lane.stride == 1 && order_.empty() && here > 0)
      taken.push_back({JobId{lane.first}, here, first_attempt});
    else
      for (std::uint64_t i = 0; i < here; ++i)
        taken.push_back({job_at(lane.first + i * lane.stride), 1, first_attempt});
    lane.first += here * lane.stride;
    count -= here;
    taken_ += here;
    if (count == 0) break;
  }
  while (lanes.size() > 1 && lanes.front().first >= lanes.front().end) lanes.pop_front();
}

JobRuns Pool::take(NodeId node, std::uint64_t count) {
  JobRuns taken;
  if (auto const own = reserved_.find(node); own != reserved_.end()) cut(own->second, count, taken);
  if (taken.empty()) cut(common_, count, taken);
  return taken;
}

}  // namespace ballast
