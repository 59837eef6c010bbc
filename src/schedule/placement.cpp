// A shard moves only when its last owner is lost: what the others have built stays where it is.
#include "schedule/placement.hpp"

#include <algorithm>

#include "ballast/core/contract.hpp"

namespace ballast {

Placement::Placement(std::uint32_t shards, std::uint32_t owners, std::vector<NodeId> const& nodes) : shards_{shards} {
  BALLAST_EXPECT(shards > 0 && owners > 0);
  for (auto const node : nodes) present_[node];
  if (present_.empty()) return;
  auto const count = static_cast<std::uint32_t>(present_.size());
  auto const each = std::min(count, std::max(owners, (count + shards - 1) / shards));
  auto next = present_.begin();
  for (std::uint32_t shard = 0; shard < shards; ++shard)
    for (std::uint32_t owner = 0; owner < each; ++owner) {
      next->second.insert(shard);
      if (++next == present_.end()) next = present_.begin();
    }
}

std::vector<std::uint32_t> Placement::shards_of(NodeId node) const {
  auto const found = present_.find(node);
  if (found == present_.end()) return {};
  return {found->second.begin(), found->second.end()};
}

bool Placement::has_owner(std::uint32_t shard) const {
  return std::any_of(present_.begin(), present_.end(), [&](auto const& one) { return one.second.contains(shard); });
}

std::vector<NodeId> Placement::lose(NodeId node) {
  auto gone = present_.extract(node);
  if (gone.empty()) return {};
  std::set<NodeId> heirs;
  if (!present_.empty())
    for (auto const shard : gone.mapped()) {
      if (has_owner(shard)) continue;
      auto const heir = std::min_element(present_.begin(), present_.end(), [](auto const& a, auto const& b) {
        return a.second.size() < b.second.size();
      });
      heir->second.insert(shard);
      heirs.insert(heir->first);
    }
  lost_.insert(std::move(gone));
  return {heirs.begin(), heirs.end()};
}

void Placement::readmit(NodeId node) {
  auto back = lost_.extract(node);
  if (back.empty()) return;
  auto& owned = present_.insert(std::move(back)).position->second;
  for (std::uint32_t shard = 0; shard < shards_; ++shard)
    if (!has_owner(shard)) owned.insert(shard);
}

}  // namespace ballast
