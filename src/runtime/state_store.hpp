// State store: what a computing node has of a run's state, and keeps for the session's next run.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "ballast/core/payload.hpp"
#include "transport/protocol.hpp"

namespace ballast {

/// How this part is named on the wire.
[[nodiscard]] StatePart part_of(std::string_view bytes);

/// Names parts, each once for as long as the next run has it, too: a digest takes a pass over all of its bytes.
class PartNames {
 public:
  using Part = std::shared_ptr<Payload const>;

  [[nodiscard]] std::vector<StatePart> of(std::vector<Part> const& parts);

 private:
  std::map<Part, StatePart> known_;  // parts of the latest call
};

/// Whole parts, by digest and size.
class StateStore {
 public:
  using Part = std::shared_ptr<Payload const>;

  void keep(StatePart const& name, Part part) { parts_.insert_or_assign(name, std::move(part)); }
  /// Null if it is not here.
  [[nodiscard]] Part find(StatePart const& name) const;
  /// Drops all that is not named.
  void keep_only(std::vector<std::optional<StatePart>> const& names);

 private:
  std::map<StatePart, Part> parts_;
};

/// The parts of one run's state, as they become whole.
class StateIntake {
 public:
  /// `store` is borrowed. What it has and this state does not name is dropped.
  StateIntake(StateStore& store, std::vector<std::optional<StatePart>> state);

  /// Places of the parts that have to be sent, ascending; one that occurs twice is asked for once.
  [[nodiscard]] std::vector<std::uint32_t> missing() const;
  /// Takes memory as bytes arrive, not as much as was announced. Throws EngineError if this piece is not of the first
  /// part that is missing, is longer than what is left of it, or makes it whole with another digest.
  void add(StatePiece const& piece);
  /// All parts, in order; null for those that are not for this node. Expects that nothing is missing.
  [[nodiscard]] std::vector<StateStore::Part> take() const;

 private:
  StateStore& store_;
  std::vector<std::optional<StatePart>> state_;
  Payload arriving_;  ///< what there is of the first part that is missing
};

}  // namespace ballast
