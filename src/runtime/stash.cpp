// What stays in memory, and what goes to the file.
#include "runtime/stash.hpp"

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <system_error>
#include <utility>

#include "ballast/core/contract.hpp"

namespace ballast {
namespace {

/// What a map takes for one entry: its node, the key, the string, its place in the buckets, two allocations.
constexpr std::size_t entry_cost = 96;

std::size_t cost(Payload const& value) { return value.capacity() + entry_cost; }

/// How much more memory a string takes, at most, when this is appended to it.
std::size_t growth(Payload const& value, std::string_view piece) {
  auto const size = value.size() + piece.size();
  return size <= value.capacity() ? 0 : std::max(2 * value.capacity(), size) - value.capacity();
}

}  // namespace

Stash::Stash(std::size_t memory_budget, std::filesystem::path directory)
    : budget_{memory_budget}, file_{std::move(directory)} {}

void Stash::put(JobId job, Payload value) {
  std::lock_guard const lock{mutex_};
  BALLAST_EXPECT(!known(job));
  if (fits(cost(value))) {
    keep(job, std::move(value));
  } else {
    spill(job, value);
  }
}

void Stash::append(JobId job, std::string_view piece) {
  std::lock_guard const lock{mutex_};
  auto const resident = resident_.find(job);
  if (resident != resident_.end()) {
    auto const more = growth(resident->second, piece);
    if (resident->second.size() + piece.size() <= Extent::longest && fits(more)) {
      memory_ -= cost(resident->second);
      resident->second.append(piece);
      memory_ += cost(resident->second);
      return;
    }
    spill(job, evict(resident));
    spill(job, piece);
  } else if (!known(job) && piece.size() <= Extent::longest && fits(cost(Payload{piece}))) {
    keep(job, Payload{piece});
  } else {
    spill(job, piece);
  }
}

void Stash::discard(JobId job) {
  std::lock_guard const lock{mutex_};
  auto const resident = resident_.find(job);
  if (resident != resident_.end()) {
    (void)evict(resident);
    return;
  }
  for (auto const extent : extents(job)) file_.release(extent);
  whole_.erase(job);
  scattered_.erase(job);
}

bool Stash::contains(JobId job) const {
  std::lock_guard const lock{mutex_};
  return known(job);
}

Payload Stash::read(JobId job) const {
  std::unique_lock lock{mutex_};
  BALLAST_EXPECT(known(job));
  auto const resident = resident_.find(job);
  if (resident != resident_.end()) return resident->second;
  auto const parts = extents(job);
  lock.unlock();

  std::uint64_t size = 0;
  for (auto const part : parts) size += part.length();
  Payload value(size, '\0');
  auto* into = value.data();
  for (auto const part : parts) {
    fetch(part, into);
    into += part.length();
  }
  return value;
}

void Stash::for_each_piece(JobId job, std::function<void(std::string_view)> const& take) const {
  std::unique_lock lock{mutex_};
  BALLAST_EXPECT(known(job));
  auto const resident = resident_.find(job);
  if (resident != resident_.end()) {
    std::string_view const value = resident->second;  // stays where it is until this thread discards it
    lock.unlock();
    for (std::size_t at = 0; at < value.size(); at += Extent::longest) take(value.substr(at, Extent::longest));
    return;
  }
  auto const parts = extents(job);
  lock.unlock();
  Payload piece;
  for (auto const part : parts) {
    piece.resize(part.length());
    fetch(part, piece.data());
    take(piece);
  }
}

std::size_t Stash::memory() const {
  std::lock_guard const lock{mutex_};
  return memory_;
}

std::uint64_t Stash::spilled() const {
  std::lock_guard const lock{mutex_};
  return file_.written();
}

bool Stash::known(JobId job) const { return resident_.contains(job) || whole_.find(job) || scattered_.contains(job); }

bool Stash::fits(std::size_t bytes) const { return bytes <= budget_ && memory_ <= budget_ - bytes; }

void Stash::keep(JobId job, Payload&& value) {
  memory_ += cost(value);
  resident_.emplace(job, std::move(value));
}

Payload Stash::evict(Resident::iterator value) {
  memory_ -= cost(value->second);
  auto bytes = std::move(value->second);
  resident_.erase(value);
  return bytes;
}

void Stash::spill(JobId job, std::string_view bytes) {
  auto const scattered = scattered_.find(job);
  if (scattered != scattered_.end()) return file_.append(bytes, scattered->second);
  auto value = extents(job);
  file_.append(bytes, value);
  if (value.size() > 1) {
    whole_.erase(job);
    scattered_.emplace(job, std::move(value));
  } else {
    whole_.set(job, value.empty() ? Extent{} : value.front());
  }
}

std::vector<Extent> Stash::extents(JobId job) const {
  auto const scattered = scattered_.find(job);
  if (scattered != scattered_.end()) return scattered->second;
  auto const whole = whole_.find(job);
  if (whole && whole->length() != 0) return {*whole};
  return {};
}

void Stash::fetch(Extent extent, char* into) const {
  std::unique_lock lock{mutex_};
  auto const buffered = file_.buffered(extent);
  if (buffered.data() != nullptr) {
    std::memcpy(into, buffered.data(), buffered.size());
    return;
  }
  lock.unlock();
  file_.read(extent, into);
}

std::filesystem::path spill_directory() {
  auto const* const wanted = std::getenv("TMPDIR");
  for (auto const* const directory : {wanted == nullptr ? "" : wanted, "/var/tmp"}) {
    std::error_code unreadable;
    if (std::filesystem::is_directory(directory, unreadable)) return directory;
  }
  return "/tmp";
}

}  // namespace ballast
