// Lanes are cut from the front only, so a lane is three numbers for its whole life.
#include "schedule/pool.hpp"

#include <algorithm>

#include "ballast/core/contract.hpp"

namespace ballast {

void Pool::grow(std::uint64_t count) {
  BALLAST_EXPECT(count >= found_);
  found_ = count;
}

void Pool::reserve(NodeId node, Lane lane) {
  BALLAST_EXPECT(lane.stride > 0);
  if (reserved_.empty()) common_.clear();
  reserved_.insert_or_assign(node, lane);
}

void Pool::release(NodeId node) {
  auto const lane = reserved_.extract(node);
  if (!lane.empty()) common_.push_back(lane.mapped());
}

std::uint64_t Pool::left(Lane const& lane) const {
  auto const end = std::min(lane.end, found_);
  return lane.first < end ? (end - lane.first - 1) / lane.stride + 1 : 0;
}

std::uint64_t Pool::common() const {
  std::uint64_t sum = 0;
  for (auto const& lane : common_) sum += left(lane);
  return sum;
}

std::uint64_t Pool::reserved(NodeId node) const {
  auto const lane = reserved_.find(node);
  return lane == reserved_.end() ? 0 : left(lane->second);
}

std::uint64_t Pool::cut(Lane& lane, std::uint64_t count, JobRuns& taken) const {
  count = std::min(count, left(lane));
  if (count == 0) return 0;
  auto const first_attempt = Attempt{1};
  if (lane.stride == 1)
    taken.push_back({JobId{lane.first}, count, first_attempt});
  else
    for (std::uint64_t i = 0; i < count; ++i) taken.push_back({JobId{lane.first + i * lane.stride}, 1, first_attempt});
  lane.first += count * lane.stride;
  return count;
}

JobRuns Pool::take(NodeId node, std::uint64_t count) {
  JobRuns taken;
  if (auto const own = reserved_.find(node); own != reserved_.end() && cut(own->second, count, taken) > 0) return taken;
  for (auto& lane : common_) count -= cut(lane, count, taken);
  return taken;
}

}  // namespace ballast
