// Copying standard input to where it is kept.
#include "problem/text_keep.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <string>
#include <system_error>

#include "ballast/core/error.hpp"
#include "problem/input_file.hpp"

namespace ballast {
namespace {

constexpr std::size_t read_size = 256 * 1024;

InputOutputError cannot_keep(std::filesystem::path const& place, int error) {
  auto const* const remedy = error == ENOSPC || error == EFBIG || error == EDQUOT
                                 ? "free some space and start again, with the same input"
                                 : "check that folder, or name another --run-dir";
  return InputOutputError::from_errno("cannot keep standard input as " + place.string(), error, remedy);
}

/// The copy under way: gone with it, unless it has got its place.
class PartialCopy {
 public:
  explicit PartialCopy(std::filesystem::path const& place)
      : place_{place},
        partial_{place.string() + ".partial"},
        opened_{::open(partial_.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600)} {
    if (!opened_) throw cannot_keep(place_, errno);
  }
  PartialCopy(PartialCopy const&) = delete;
  ~PartialCopy() {
    if (opened_) ::unlink(partial_.c_str());
  }

  void write(std::string_view bytes) {
    try {
      write_all(opened_.number(), bytes);
    } catch (std::system_error const& error) {
      throw cannot_keep(place_, error.code().value());
    }
  }

  void give_place() {
    if (::fsync(opened_.number()) != 0) throw cannot_keep(place_, errno);
    if (::rename(partial_.c_str(), place_.c_str()) != 0) throw cannot_keep(place_, errno);
    opened_.close();
    auto const folder = place_.has_parent_path() ? place_.parent_path() : std::filesystem::path{"."};
    Descriptor const names{::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
    if (!names || (::fsync(names.number()) != 0 && errno == EIO)) throw cannot_keep(place_, errno);
  }

 private:
  std::filesystem::path place_;
  std::filesystem::path partial_;
  Descriptor opened_;
};

}  // namespace

void keep_standard_input(std::filesystem::path const& place) {
  if (::access(place.c_str(), F_OK) == 0) return;
  if (errno != ENOENT) throw cannot_keep(place, errno);
  PartialCopy copy{place};
  std::string buffer(read_size, '\0');
  while (auto const got = read_stream(STDIN_FILENO, "standard input", buffer.data(), buffer.size())) {
    copy.write(std::string_view{buffer}.substr(0, got));
  }
  copy.give_place();
}

}  // namespace ballast
