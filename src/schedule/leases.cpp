// The attentive clock stands still when the Main Node does.
#include "schedule/leases.hpp"

#include <algorithm>

namespace ballast {
namespace {

constexpr Duration longest_poll = std::chrono::milliseconds{100};  // what is longer was no polling
constexpr int looks_per_lease = 8;

}  // namespace

Duration Leases::attentive(Time now) const {
  return last_poll_ ? polled_ + std::min(now - *last_poll_, longest_poll) : polled_;
}

void Leases::heard(NodeId node, Time now) { nodes_[node].since = attentive(now); }

void Leases::exempt(NodeId node, bool may_be_silent) {
  auto& silence = nodes_[node];
  if (silence.exempt || may_be_silent) silence.since = polled_;
  silence.exempt = may_be_silent;
}

bool Leases::forget(NodeId node) { return nodes_.erase(node) > 0; }

std::vector<NodeId> Leases::lapsed(Time now) {
  polled_ = attentive(now);
  last_poll_ = now;
  if (lease_ == Duration{0} || polled_ < next_look_) return {};
  next_look_ = polled_ + lease_ / looks_per_lease;
  std::vector<NodeId> silent;
  for (auto const& [node, silence] : nodes_)
    if (!silence.exempt && polled_ - silence.since > lease_) silent.push_back(node);
  for (auto const node : silent) nodes_.erase(node);
  return silent;
}

}  // namespace ballast
