// Who is there is counted as nodes come and go; what they are worth, as their jobs end.
#include "schedule/roster.hpp"

#include "ballast/core/contract.hpp"

namespace ballast {

void Node::measure(Duration runtime) {
  mean_runtime = mean_runtime ? *mean_runtime + (runtime - *mean_runtime) / 8 : runtime;
}

Node& Roster::join(NodeId id, std::uint32_t solvers, std::uint64_t quota) {
  BALLAST_EXPECT(solvers > 0);
  auto const [place, fresh] = nodes_.try_emplace(id, Node{.id = id, .solvers = solvers, .quota = quota});
  BALLAST_EXPECT(fresh);
  solvers_ += solvers;
  return place->second;
}

void Roster::leave(NodeId id) {
  auto const node = nodes_.extract(id);
  if (!node.empty()) solvers_ -= node.mapped().solvers;
}

Node* Roster::find(NodeId id) {
  auto const found = nodes_.find(id);
  return found == nodes_.end() ? nullptr : &found->second;
}

Node const* Roster::find(NodeId id) const {
  auto const found = nodes_.find(id);
  return found == nodes_.end() ? nullptr : &found->second;
}

}  // namespace ballast
