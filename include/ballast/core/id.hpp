// Ids: numbers that cannot be mixed up, one type per thing they name.
#pragma once

#include <compare>
#include <cstdint>
#include <functional>

namespace ballast {

/// A number that names one thing. Ids of different tags neither convert nor compare.
template <class Tag, class Value = std::uint64_t>
class Id {
 public:
  using value_type = Value;

  constexpr Id() = default;
  constexpr explicit Id(Value value) : value_{value} {}

  [[nodiscard]] constexpr Value value() const { return value_; }
  [[nodiscard]] constexpr Id next() const { return Id{static_cast<Value>(value_ + 1)}; }

  friend constexpr auto operator<=>(Id, Id) = default;

 private:
  Value value_{};
};

using JobId = Id<struct JobTag>;                       ///< 0, 1, 2 … in dataset order
using NodeId = Id<struct NodeTag, std::uint32_t>;      ///< the rank of a computing node
using Attempt = Id<struct AttemptTag, std::uint32_t>;  ///< counts the tries at one job, from 1
using SolverId = Id<struct SolverTag, std::uint32_t>;  ///< counts the solvers of one node, from 0
using RunId = Id<struct RunTag, std::uint32_t>;        ///< counts the runs of a session, from 0
using RoundId = Id<struct RoundTag, std::uint32_t>;    ///< counts the rounds of a run, from 0
using StateId = Id<struct StateTag, std::uint32_t>;    ///< names the state that a round's jobs need
using Digest = Id<struct DigestTag>;                   ///< 64 bits that stand for some bytes

}  // namespace ballast

template <class Tag, class Value>
struct std::hash<ballast::Id<Tag, Value>> {
  std::size_t operator()(ballast::Id<Tag, Value> id) const noexcept { return std::hash<Value>{}(id.value()); }
};
