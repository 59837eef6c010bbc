// Storage: the files of one run directory, as the journal needs them; the disk behind it, or a test's memory.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace ballast {

/// A file that grows at its end. Everything throws InputOutputError that names the file and the reason.
class AppendFile {
 public:
  virtual ~AppendFile() = default;
  /// Durable only after sync(). A failed one may leave a part of the bytes.
  virtual void append(std::string_view bytes) = 0;
  virtual void sync() = 0;
};

/// Names are relative to the run directory; a name may have one folder before it (`solutions/17.1`), which is made when
/// needed. Everything throws InputOutputError that names the file and the reason. Files may be made, written and synced
/// by several threads at a time.
class Storage {
 public:
  virtual ~Storage() = default;
  [[nodiscard]] virtual bool exists(std::string const& name) const = 0;
  [[nodiscard]] virtual std::uint64_t size(std::string const& name) const = 0;
  /// Up to `most` bytes from `offset` on; fewer at the end of the file.
  [[nodiscard]] virtual std::string read(std::string const& name, std::uint64_t offset, std::size_t most) const = 0;
  /// Files in a folder, in no order; none if there is no such folder.
  [[nodiscard]] virtual std::vector<std::string> list(std::string const& folder) const = 0;
  /// Opens the file at its end; makes it, for its owner alone, if it is not there.
  [[nodiscard]] virtual std::unique_ptr<AppendFile> append_to(std::string const& name) = 0;
  /// Cuts the end off. Durable at once.
  virtual void truncate(std::string const& name, std::uint64_t size) = 0;
  virtual void rename(std::string const& from, std::string const& to) = 0;
  virtual void remove(std::string const& name) = 0;
  /// Makes durable which files there are: what was made, renamed and removed.
  virtual void sync_names() = 0;
};

/// The directory is made, for its owner alone, if it is not there. Throws InputOutputError if it cannot be written.
[[nodiscard]] std::unique_ptr<Storage> open_directory(std::filesystem::path const& directory);

/// Held while it lives: only one run may write to a directory.
class DirectoryLock {
 public:
  virtual ~DirectoryLock() = default;
};
/// Throws UsageError that names the holder (host and pid) if another run has it.
[[nodiscard]] std::unique_ptr<DirectoryLock> lock_directory(std::filesystem::path const& directory);

}  // namespace ballast
