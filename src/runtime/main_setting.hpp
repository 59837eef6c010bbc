// Main setting: what a Main Node is told about its place: its run, its nodes, its launcher, and what runs beside it.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "ballast/core/clock.hpp"
#include "ballast/core/id.hpp"
#include "ballast/problem/problem.hpp"
#include "runtime/patience.hpp"
#include "runtime/state_store.hpp"
#include "transport/world.hpp"

namespace ballast {

/// What happens beside the Main Node in its process: with one rank, its own computing node.
struct Companion {
  std::function<bool()> step;          ///< true if anything happened
  std::function<void(Duration)> rest;  ///< sleeps, at most so long
};

/// A rank that begins has to load its program and its part of the state, and solves nothing yet: it may be silent for
/// so many leases.
inline constexpr int leases_to_begin = 6;

struct MainSetting {
  RunId run;
  PartNames& names;  ///< of the session
  std::vector<NodeId> nodes;
  std::vector<std::string> arguments;  ///< of this rank's command line
  Spin spin{};
  Launcher launcher{};
  Duration lease{};  ///< of the computing nodes; 0 = they cannot be lost
  Sharding sharding{};
  std::vector<NodeId> lost{};  ///< in the session's runs before, in that order: what the others own, they own still
  StateStore* kept{};  ///< of the computing node in this process, which need not be sent the state; null: there is none
};

}  // namespace ballast
