// The file `lock` of a run directory: locked while a run writes there, and naming that run.
#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <system_error>

#include "core/file_lock.hpp"
#include "journal/folder.hpp"
#include "journal/storage.hpp"

namespace ballast {
namespace {

constexpr std::size_t longest_holder = 512;

class FileLock final : public DirectoryLock {
 public:
  explicit FileLock(Descriptor locked) : locked_{std::move(locked)} {}

 private:
  Descriptor locked_;  // the lock ends with it; the file stays
};

std::string own_name() {
  std::array<char, 256> host{};
  if (::gethostname(host.data(), host.size() - 1) != 0) host[0] = '?';
  return std::string{host.data()} + " " + std::to_string(::getpid()) + "\n";
}

/// `by pid 123 on host h`, if the holder has had the time to write its name.
std::string holder(Descriptor const& opened) {
  std::string text(longest_holder, '\0');
  text.resize(read_at(opened.number(), 0, text.data(), text.size()));
  auto const space = text.find(' ');
  auto const end = text.find('\n');
  if (space == std::string::npos || end == std::string::npos || space > end) return "by another run";
  return "by pid " + text.substr(space + 1, end - space - 1) + " on host " + text.substr(0, space);
}

}  // namespace

std::unique_ptr<DirectoryLock> lock_directory(std::filesystem::path const& directory) {
  make_folder(directory);
  auto const path = directory / "lock";
  auto opened = open_private(path, O_RDWR | O_CREAT);
  try {
    if (!lock_file(opened)) {
      throw UsageError{directory.string() + " is in use", holder(opened),
                       "wait for that run, or name another --run-dir"};
    }
    if (::ftruncate(opened.number(), 0) != 0) throw cannot("write", path, errno);
    write_at(opened.number(), 0, own_name());
  } catch (std::system_error const& error) {
    throw cannot("write", path, error.code().value());
  }
  return std::make_unique<FileLock>(std::move(opened));
}

}  // namespace ballast
