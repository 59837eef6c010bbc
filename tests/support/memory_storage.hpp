// Memory storage: a run directory on a disk in memory.
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "journal/storage.hpp"
#include "support/memory_disk.hpp"

namespace ballast::testing {

/// A copy is another handle on the same disk. Bytes and names that were not synced are seen by all, and lost in a
/// crash.
class MemoryStorage final : public Storage {
 public:
  /// The number of the last call that changed something, or tried to: append_to, append, sync, truncate, rename, remove
  /// and sync_names count.
  [[nodiscard]] std::uint64_t calls() const {
    return disk_->at([](MemoryDisk& disk) { return disk.changes; });
  }
  void fail_at(std::uint64_t call, Fault fault) {
    disk_->at([&](MemoryDisk& disk) { disk.failing = {call, fault}; });
  }
  void set_read_only() {
    disk_->at([](MemoryDisk& disk) { disk.read_only = true; });
  }
  /// Done by each call that changes something, first; may wait, and so be a slow disk. To be set while nobody writes.
  void before_each_change(std::function<void()> work) {
    disk_->at([&](MemoryDisk& disk) { disk.before_change = std::move(work); });
  }
  void flip_bit(std::string const& name, std::uint64_t bit) {
    disk_->at([&](MemoryDisk& disk) {
      auto& byte = disk.file(name).bytes.at(bit / 8);
      byte = static_cast<char>(static_cast<unsigned char>(byte) ^ (1U << bit % 8));
    });
  }
  void cut(std::string const& name, std::uint64_t size) {
    disk_->at([&](MemoryDisk& disk) { disk.file(name).cut(size); });
  }
  /// The machine goes down: what was not synced is lost, but for what is kept.
  void crash(Keep const& keep = keep_nothing, KeepNames names = KeepNames::synced) {
    disk_->at([&](MemoryDisk& disk) { disk.crash(keep, names); });
  }
  /// The machine is there again; without a crash(), it was only the process that ended, and nothing is lost. Files that
  /// were open are of no use any more.
  void restart() {
    disk_->at([](MemoryDisk& disk) { disk.restart(); });
  }

  [[nodiscard]] bool exists(std::string const& name) const override {
    return disk_->look([&](MemoryDisk& disk) { return disk.names.contains(name); });
  }
  [[nodiscard]] std::uint64_t size(std::string const& name) const override {
    return disk_->look([&](MemoryDisk& disk) { return std::uint64_t{disk.file(name).bytes.size()}; });
  }
  [[nodiscard]] std::string read(std::string const& name, std::uint64_t offset, std::size_t most) const override {
    return disk_->look([&](MemoryDisk& disk) {
      auto const& bytes = disk.file(name).bytes;
      return offset < bytes.size() ? bytes.substr(offset, most) : std::string{};
    });
  }
  [[nodiscard]] std::vector<std::string> list(std::string const& folder) const override {
    return disk_->look([&](MemoryDisk& disk) {
      std::vector<std::string> found;
      auto const prefix = folder.empty() ? folder : folder + "/";
      for (auto const& [name, file] : disk.names) {
        auto const rest = name.starts_with(prefix) ? name.substr(prefix.size()) : "";
        if (!rest.empty() && rest.find('/') == std::string::npos) found.push_back(rest);
      }
      return found;
    });
  }

  [[nodiscard]] std::unique_ptr<AppendFile> append_to(std::string const& name) override;
  void truncate(std::string const& name, std::uint64_t size) override {
    disk_->change(name, [&](MemoryDisk& disk, Part) {
      disk.file(name).cut(size);
      disk.file(name).synced = disk.file(name).bytes.size();
    });
  }
  void rename(std::string const& from, std::string const& to) override {
    disk_->change(from, [&](MemoryDisk& disk, Part) {
      static_cast<void>(disk.file(from));
      disk.names[to] = disk.names.extract(from).mapped();
    });
  }
  void remove(std::string const& name) override {
    disk_->change(name, [&](MemoryDisk& disk, Part) {
      static_cast<void>(disk.file(name));
      disk.names.erase(name);
    });
  }
  void sync_names() override {
    disk_->change("the run directory", [](MemoryDisk& disk, Part part) { disk.sync_names(part); });
  }

 private:
  class Appending;

  std::shared_ptr<MemoryDisk> disk_ = std::make_shared<MemoryDisk>();
};

class MemoryStorage::Appending final : public AppendFile {
 public:
  Appending(std::shared_ptr<MemoryDisk> disk, std::string name)
      : disk_{std::move(disk)}, name_{std::move(name)}, file_{disk_->names.at(name_)}, restarts_{disk_->restarts} {}

  void append(std::string_view bytes) override {
    disk_->change(name_, [&](MemoryDisk& disk, Part part) {
      if (disk.restarts != restarts_) throw Crashed{};
      file_->bytes.append(bytes.substr(0, part == Part::whole ? bytes.size() : bytes.size() / 2));
    });
  }
  void sync() override {
    disk_->change(name_, [&](MemoryDisk& disk, Part part) {
      if (disk.restarts != restarts_) throw Crashed{};
      auto const unsynced = file_->bytes.size() - file_->synced;
      file_->synced += part == Part::whole ? unsynced : unsynced / 2;
    });
  }

 private:
  std::shared_ptr<MemoryDisk> disk_;
  std::string name_;
  std::shared_ptr<MemoryFile> file_;
  std::uint64_t restarts_;
};

inline std::unique_ptr<AppendFile> MemoryStorage::append_to(std::string const& name) {
  std::unique_ptr<AppendFile> opened;
  disk_->change(name, [&](MemoryDisk& disk, Part) {
    auto& file = disk.names[name];
    if (!file) file = std::make_shared<MemoryFile>();
    opened = std::make_unique<Appending>(disk_, name);
  });
  return opened;
}

}  // namespace ballast::testing
