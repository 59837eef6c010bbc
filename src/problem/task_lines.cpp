// Inputs that can be read only once become files, and all files are indexed as any text is.
#include "problem/task_lines.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <system_error>

#include "ballast/core/error.hpp"
#include "problem/input_file.hpp"
#include "problem/text_keep.hpp"

namespace ballast {
namespace {

constexpr std::size_t read_size = 256 * 1024;
constexpr std::size_t most_offsets = std::size_t{1} << 23;  // 64 MiB; of longer inputs every 2nd, 4th … is kept

bool is_standard_input(std::string const& path) { return path == "-"; }

std::string name_of(std::string const& path) { return is_standard_input(path) ? "standard input" : path; }

InputOutputError cannot_copy(std::string const& name, std::filesystem::path const& folder, int error) {
  return InputOutputError::from_errno(fmt::format("cannot copy {} to {}", name, folder.string()), error,
                                      "set TMPDIR to a folder with more room");
}

/// All that is left of an input, in a file without a name.
Descriptor copy_of(std::string const& path) {
  std::error_code ignored;
  auto folder = std::filesystem::temp_directory_path(ignored);
  if (folder.empty()) folder = "/tmp";
  auto name = (folder / "ballast-XXXXXX").string();
  Descriptor copy{::mkostemp(name.data(), O_CLOEXEC)};
  if (!copy) throw cannot_copy(name_of(path), folder, errno);
  ::unlink(name.c_str());
  Descriptor const opened = is_standard_input(path) ? Descriptor{} : open_input(path);
  auto const from = opened ? opened.number() : STDIN_FILENO;
  std::string buffer(read_size, '\0');
  while (auto const got = read_stream(from, name_of(path), buffer.data(), buffer.size())) {
    try {
      write_all(copy.number(), std::string_view{buffer}.substr(0, got));
    } catch (std::system_error const& error) {
      throw cannot_copy(name_of(path), folder, error.code().value());
    }
  }
  return copy;
}

bool is_copied(std::string const& path, std::filesystem::path const& keep) {
  if (is_standard_input(path)) return keep.empty();
  return kind_of_input(path) == InputKind::stream;
}

/// The file that holds the lines, opened again by the name that its descriptor has.
TextOptions lines_in(std::string const& path, std::filesystem::path const& keep, Descriptor const& copy) {
  TextOptions options{.inputs = {path}, .batch = BatchRecords{1}};
  if (copy) {
    options.inputs = {fmt::format("/proc/self/fd/{}", copy.number())};
  } else if (is_standard_input(path)) {
    keep_standard_input(keep);
    options.inputs = {keep.string()};
  }
  return options;
}

}  // namespace

void expect_readable(std::string const& path) {
  if (!is_standard_input(path)) static_cast<void>(kind_of_input(path));
}

bool has_null(std::string_view value) { return value.find('\0') != std::string_view::npos; }

void refuse_null(std::string const& place) {
  throw UsageError{fmt::format("{} has a NUL byte in it", place), "no argument of a command can have one",
                   "take it out"};
}

TaskLines::TaskLines(std::string const& path, std::filesystem::path const& keep)
    : name_{name_of(path)},
      copy_{is_copied(path, keep) ? copy_of(path) : Descriptor{}},
      text_{lines_in(path, keep, copy_), most_offsets} {}

std::string TaskLines::line(std::uint64_t number) const {
  std::lock_guard const lock{mutex_};
  auto line = text_.read(JobId{number});
  if (line.ends_with('\n')) line.pop_back();
  return line;
}

std::string TaskLines::place_of(std::uint64_t number) const { return fmt::format("line {} of {}", number + 1, name_); }

}  // namespace ballast
