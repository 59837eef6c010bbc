// Memory disk: files in memory that are forgotten, torn or damaged when a test says so.
#pragma once

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <functional>
#include <iterator>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <stdexcept>
#include <string>

#include "ballast/core/error.hpp"

namespace ballast::testing {

/// What every call ends with while the machine is down.
struct Crashed : std::runtime_error {
  Crashed() : std::runtime_error{"the machine is down"} {}
};

enum class Fault {
  crash_before,   ///< the machine goes down, and the call has done nothing
  crash_between,  ///< the same, and the call has done a part: half of the bytes written or synced, half of the names
                  ///< synced; what has no halves is done
  no_space,       ///< half of the bytes are written or synced; the disk is full
};

/// How many of so many unsynced bytes of a file outlive a crash: its first ones do.
using Keep = std::function<std::uint64_t(std::uint64_t unsynced)>;
inline std::uint64_t keep_nothing(std::uint64_t) { return 0; }
inline std::uint64_t keep_all(std::uint64_t unsynced) { return unsynced; }

/// Which names that were not synced outlive a crash.
enum class KeepNames { synced, all };

/// How much of a change is done.
enum class Part { half, whole };

struct MemoryFile {
  std::string bytes;
  std::size_t synced = 0;

  void cut(std::uint64_t size) {
    bytes.resize(std::min<std::size_t>(size, bytes.size()));
    synced = std::min(synced, bytes.size());
  }
};

/// What is seen, and how much of it is durable. Changes are numbered from 1. Safe for several threads.
class MemoryDisk {
 public:
  std::map<std::string, std::shared_ptr<MemoryFile>> names;
  std::map<std::string, std::shared_ptr<MemoryFile>> synced_names;
  std::uint64_t changes = 0;  ///< and attempts at one
  std::uint64_t restarts = 0;
  bool read_only = false;
  std::function<void()> before_change;  ///< may wait: the disk is not held
  struct Failing {
    std::uint64_t change;
    Fault fault;
  };
  std::optional<Failing> failing;

  [[nodiscard]] MemoryFile& file(std::string const& name) {
    auto const found = names.find(name);
    if (found == names.end()) throw InputOutputError::from_errno("cannot find " + name, ENOENT, "");
    return *found->second;
  }

  void sync_names(Part part) {
    if (part == Part::whole) {
      synced_names = names;
    } else {
      auto const half = std::next(names.begin(), static_cast<std::ptrdiff_t>(names.size() / 2));
      for (auto name = names.begin(); name != half; ++name) synced_names[name->first] = name->second;
    }
  }

  void crash(Keep const& keep, KeepNames keep_names) {
    if (keep_names == KeepNames::synced) names = synced_names;
    synced_names = names;
    for (auto const& [name, file] : names) file->cut(file->synced + keep(file->bytes.size() - file->synced));
    down_ = true;
  }
  void restart() {
    down_ = false;
    failing.reset();
    ++restarts;
  }

  /// Alone on the disk, whether the machine is up or down.
  template <class Work>
  auto at(Work work) {
    std::lock_guard const alone{in_use_};
    return work(*this);
  }
  template <class Work>
  auto look(Work work) {
    std::lock_guard const alone{in_use_};
    if (down_) throw Crashed{};
    return work(*this);
  }
  /// Does the work, or the part of it that the fault leaves.
  template <class Work>
  void change(std::string const& name, Work work) {
    if (before_change) before_change();
    std::lock_guard const alone{in_use_};
    if (down_) throw Crashed{};
    ++changes;
    if (read_only) throw InputOutputError::from_errno("cannot write " + name, EROFS, "make it writable");
    if (!failing || failing->change != changes) return work(*this, Part::whole);
    down_ = failing->fault != Fault::no_space;
    if (failing->fault != Fault::crash_before) work(*this, Part::half);
    if (down_) throw Crashed{};
    throw InputOutputError::from_errno("cannot write " + name, ENOSPC, "free some space");
  }

 private:
  std::mutex in_use_;
  bool down_ = false;
};

}  // namespace ballast::testing
