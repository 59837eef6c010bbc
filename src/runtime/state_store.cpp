// Parts are asked for, and sent, in order: so there is one at most that is not whole.
#include "runtime/state_store.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "ballast/core/contract.hpp"
#include "ballast/core/digest.hpp"
#include "ballast/core/error.hpp"

namespace ballast {
namespace {

[[noreturn]] void refuse(std::uint32_t part, std::string_view why) {
  throw EngineError{fmt::format("part {} of the run's state cannot be taken", part), why,
                    "check that all ranks run the same build of ballast, and start again"};
}

}  // namespace

StatePart part_of(std::string_view bytes) { return {digest_of(bytes), bytes.size()}; }

std::vector<StatePart> PartNames::of(std::vector<Part> const& parts) {
  std::map<Part, StatePart> known;
  std::vector<StatePart> names;
  for (auto const& part : parts) {
    auto const found = known_.find(part);
    names.push_back(found == known_.end() ? part_of(*part) : found->second);
    known.insert_or_assign(part, names.back());
  }
  known_ = std::move(known);
  return names;
}

StateStore::Part StateStore::find(StatePart const& name) const {
  auto const found = parts_.find(name);
  return found == parts_.end() ? nullptr : found->second;
}

void StateStore::keep_only(std::vector<std::optional<StatePart>> const& names) {
  std::erase_if(parts_,
                [&](auto const& part) { return std::find(names.begin(), names.end(), part.first) == names.end(); });
}

StateIntake::StateIntake(StateStore& store, std::vector<std::optional<StatePart>> state)
    : store_{store}, state_{std::move(state)} {
  store_.keep_only(state_);
  for (auto const& part : state_)
    if (part && part->size == 0) store_.keep(*part, std::make_shared<Payload const>());  // there is nothing to be sent
}

std::vector<std::uint32_t> StateIntake::missing() const {
  std::vector<std::uint32_t> places;
  for (auto it = state_.begin(); it != state_.end(); ++it)
    if (*it && store_.find(**it) == nullptr && std::find(state_.begin(), it, *it) == it)
      places.push_back(static_cast<std::uint32_t>(it - state_.begin()));
  return places;
}

void StateIntake::add(StatePiece const& piece) {
  auto const places = missing();
  if (places.empty() || places.front() != piece.part) refuse(piece.part, "it is not the one that is missing");
  auto const& part = *state_[piece.part];
  if (piece.bytes.empty() || piece.bytes.size() > part.size - arriving_.size())
    refuse(piece.part, fmt::format("a piece of {} bytes does not fit to {} of {}", piece.bytes.size(), arriving_.size(),
                                   part.size));
  auto const needed = arriving_.size() + piece.bytes.size();
  if (needed > arriving_.capacity()) arriving_.reserve(std::min<std::size_t>(part.size, 2 * needed));
  arriving_.append(piece.bytes);
  if (arriving_.size() < part.size) return;
  auto whole = std::make_shared<Payload const>(std::exchange(arriving_, {}));
  if (part_of(*whole) != part) refuse(piece.part, "its bytes are not those that were announced");
  store_.keep(part, std::move(whole));
}

std::vector<StateStore::Part> StateIntake::take() const {
  std::vector<StateStore::Part> parts;
  for (auto const& part : state_) {
    parts.push_back(part ? store_.find(*part) : nullptr);
    BALLAST_ENSURE(!part || parts.back() != nullptr);
  }
  return parts;
}

}  // namespace ballast
