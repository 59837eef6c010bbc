// Opening, checking and reading the inputs of a dataset.
#include "problem/input_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

#include "ballast/core/error.hpp"

namespace ballast {
namespace {

InputOutputError cannot_read(std::string const& path, int error) {
  auto const* const remedy = error == ENOENT   ? "check the path"
                             : error == EACCES ? "make it readable"
                                               : "check the file and its disk";
  return InputOutputError::from_errno("cannot read " + path, error, remedy);
}

InputOutputError changed(std::string const& path) {
  return {"cannot read " + path + " any more", "it has changed since the run began",
          "start again, and leave it alone while a run reads it"};
}

struct ::stat status_of(Descriptor const& opened, std::string const& path) {
  struct ::stat status {};
  if (::fstat(opened.number(), &status) != 0) throw cannot_read(path, errno);
  return status;
}

}  // namespace

InputKind kind_of_input(std::string const& path) {
  struct ::stat status {};
  if (::stat(path.c_str(), &status) != 0) throw cannot_read(path, errno);
  if (S_ISDIR(status.st_mode)) throw InputOutputError{"cannot read " + path, "it is a directory", "name files"};
  if (::faccessat(AT_FDCWD, path.c_str(), R_OK, AT_EACCESS) != 0) throw cannot_read(path, errno);
  if (!S_ISREG(status.st_mode)) return InputKind::stream;
  if (status.st_size > 0) return InputKind::file;
  char first{};  // an empty file, or one of /proc, whose size is always 0
  auto const opened = open_input(path);
  return read_stream(opened.number(), path, &first, 1) == 0 ? InputKind::file : InputKind::stream;
}

Descriptor open_input(std::string const& path) {
  Descriptor opened{::open(path.c_str(), O_RDONLY | O_CLOEXEC)};
  if (!opened) throw cannot_read(path, errno);
  return opened;
}

InputFile facts_of(Descriptor const& opened, std::string const& path) {
  auto const status = status_of(opened, path);
  return {path, static_cast<std::uint64_t>(status.st_size),
          std::int64_t{status.st_mtim.tv_sec} * 1'000'000'000 + status.st_mtim.tv_nsec};
}

void read_input(Descriptor const& opened, InputFile const& file, std::uint64_t offset, char* into, std::size_t size) {
  std::size_t got = 0;
  try {
    got = read_at(opened.number(), offset, into, size);
  } catch (std::system_error const& error) {
    throw cannot_read(file.path, error.code().value());
  }
  auto const now = facts_of(opened, file.path);
  if (got < size || now.size != file.size || now.modified_ns != file.modified_ns) throw changed(file.path);
}

std::size_t read_stream(int descriptor, std::string const& path, char* into, std::size_t size) {
  try {
    return read_some(descriptor, into, size);
  } catch (std::system_error const& error) {
    throw cannot_read(path, error.code().value());
  }
}

}  // namespace ballast
