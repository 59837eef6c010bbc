// Folders of a run directory.
#include "journal/folder.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <string>

namespace ballast {
namespace {

std::string_view remedy_for(std::string_view what, int error) {
  switch (error) {
    case ENOSPC:
    case EDQUOT:
    case EFBIG:
      return "free some space, then start again with --resume";
    case EACCES:
    case EPERM:
    case EROFS:
      return what == "read" ? "make it readable, or name another --run-dir"
                            : "make it writable, or name another --run-dir";
    case ENOENT:
    case ENOTDIR:
    case EEXIST:
    case EISDIR:
    case ELOOP:
    case ENAMETOOLONG:
      return "name another --run-dir";
    default:
      return "check that disk, then start again with --resume";
  }
}

std::filesystem::path parent_of(std::filesystem::path const& path) {
  return path.has_parent_path() ? path.parent_path() : std::filesystem::path{"."};
}

/// There are file systems that sync no folders; what they know of names is as durable as they make it.
bool has_no_such_call(int error) { return error == EINVAL || error == ENOTSUP || error == ENOSYS; }

}  // namespace

InputOutputError cannot(std::string_view what, std::filesystem::path const& path, int error) {
  return InputOutputError::from_errno("cannot " + std::string{what} + " " + path.string(), error,
                                      remedy_for(what, error));
}

Descriptor open_private(std::filesystem::path const& path, int flags) {
  for (;;) {
    Descriptor opened{::open(path.c_str(), flags | O_CLOEXEC, 0600)};
    if (opened) return opened;
    if (errno != EINTR) throw cannot((flags & O_ACCMODE) == O_RDONLY ? "read" : "write", path, errno);
  }
}

void make_folder(std::filesystem::path const& path) {
  if (::mkdir(path.c_str(), 0700) == 0) return sync_folder(parent_of(path));
  if (errno == ENOENT && path.has_relative_path() && parent_of(path) != path) {
    make_folder(parent_of(path));
    if (::mkdir(path.c_str(), 0700) == 0) return sync_folder(parent_of(path));
  }
  auto const error = errno;
  struct ::stat status {};
  if (::stat(path.c_str(), &status) != 0) throw cannot("make", path, error);
  if (!S_ISDIR(status.st_mode)) throw cannot("write", path, ENOTDIR);
}

void sync_folder(std::filesystem::path const& path) {
  Descriptor const opened{::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
  if (!opened && errno == EACCES) return;  // a folder above ours, which may be entered and not read
  if (!opened) throw cannot("write", path, errno);
  while (::fsync(opened.number()) != 0) {
    if (has_no_such_call(errno)) return;
    if (errno != EINTR) throw cannot("write", path, errno);
  }
}

}  // namespace ballast
