// The file `lock` of a run directory: locked while a run writes there, and naming that run.
#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <system_error>
#include <thread>

#include "journal/folder.hpp"
#include "journal/storage.hpp"

namespace ballast {
namespace {

constexpr std::size_t longest_holder = 512;
// The solvers of a run that was killed have inherited its lock, and live for some milliseconds longer.
constexpr auto patience = std::chrono::seconds{1};
constexpr auto between_tries = std::chrono::milliseconds{20};

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

/// False if another run has it. A file system without locks says something else, and gives it to everybody.
bool lock(Descriptor const& opened) {
  auto const began = std::chrono::steady_clock::now();
  while (::flock(opened.number(), LOCK_EX | LOCK_NB) != 0) {
    if (errno == EINTR) continue;
    if (errno != EWOULDBLOCK) return true;
    if (std::chrono::steady_clock::now() - began > patience) return false;
    std::this_thread::sleep_for(between_tries);
  }
  return true;
}

}  // namespace

std::unique_ptr<DirectoryLock> lock_directory(std::filesystem::path const& directory) {
  make_folder(directory);
  auto const path = directory / "lock";
  auto opened = open_private(path, O_RDWR | O_CREAT);
  try {
    if (!lock(opened)) {
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
