// Writing a result: straight on, or beside its place until it is whole.
#include "ballast/problem/file_joiner.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <string>
#include <system_error>

#include "ballast/core/clock.hpp"
#include "ballast/core/error.hpp"
#include "core/descriptor.hpp"

namespace ballast {
namespace {

constexpr std::size_t buffer_size = 256 * 1024;
constexpr Duration shown_within = std::chrono::milliseconds{100};

InputOutputError cannot_write(std::string const& name, int error) {
  auto const* const remedy = error == ENOSPC || error == EFBIG || error == EDQUOT
                                 ? "free some space and run again"
                                 : "check the path, or choose another output";
  return InputOutputError::from_errno("cannot write " + name, error, remedy);
}

/// Bytes on their way to a descriptor, which it borrows.
class BufferedWriter {
 public:
  BufferedWriter(int descriptor, std::string name) : descriptor_{descriptor}, name_{std::move(name)} {
    buffer_.reserve(buffer_size);
  }

  void write(std::string_view bytes) {
    if (buffer_.size() + bytes.size() > buffer_size) flush();
    if (bytes.size() >= buffer_size) {
      put(bytes);
    } else {
      buffer_.append(bytes);
    }
  }

  void flush() {
    put(buffer_);
    buffer_.clear();
  }

 private:
  void put(std::string_view bytes) {
    try {
      write_all(descriptor_, bytes);
    } catch (std::system_error const& error) {
      if (error.code().value() == EPIPE) throw ReaderGone{};
      throw cannot_write(name_, error.code().value());
    }
  }

  int descriptor_;
  std::string name_;
  std::string buffer_;
};

/// Standard output, a pipe, a device: what is written is seen at once and cannot be taken back.
class DirectJoiner final : public Joiner {
 public:
  DirectJoiner(Descriptor opened, std::string name, JoinOrder order)
      : opened_{std::move(opened)}, writer_{opened_ ? opened_.number() : 1, std::move(name)}, order_{order} {}

  [[nodiscard]] JoinOrder order() const override { return order_; }
  void write(JobId, std::string_view piece) override { writer_.write(piece); }
  void finish(JobId) override {
    auto const now = Clock::now();
    if (now - shown_ < shown_within) return;
    writer_.flush();
    shown_ = now;
  }
  void show() override { writer_.flush(); }
  void close() override { writer_.flush(); }

 private:
  Descriptor opened_;
  BufferedWriter writer_;
  JoinOrder order_;
  Time shown_{};
};

/// `F.partial`, which nobody else writes, until it is F.
class ReplacingJoiner final : public Joiner {
 public:
  ReplacingJoiner(std::filesystem::path place, JoinOrder order)
      : place_{std::move(place)},
        partial_{place_.string() + ".partial"},
        opened_{open_alone()},
        writer_{opened_.number(), place_.string()},
        order_{order} {
    keep_permissions();
  }
  ReplacingJoiner(ReplacingJoiner&&) = delete;
  ~ReplacingJoiner() override {
    if (!closed_) ::unlink(partial_.c_str());
  }

  [[nodiscard]] JoinOrder order() const override { return order_; }
  void write(JobId, std::string_view piece) override { writer_.write(piece); }
  void finish(JobId) override {}

  void close() override {
    writer_.flush();
    if (::fsync(opened_.number()) != 0) throw cannot_write(place_.string(), errno);
    if (::rename(partial_.c_str(), place_.c_str()) != 0) throw cannot_write(place_.string(), errno);
    closed_ = true;
    sync_folder();
  }

 private:
  /// Empties a leftover of a run that was killed, but never what another run is writing: that one holds the lock.
  [[nodiscard]] Descriptor open_alone() const {
    Descriptor opened{::open(partial_.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0666)};
    if (!opened) throw cannot_write(place_.string(), errno);
    auto const locked = ::flock(opened.number(), LOCK_EX | LOCK_NB) == 0 || errno != EWOULDBLOCK;
    struct ::stat mine {};
    struct ::stat named {};
    auto const in_place = ::fstat(opened.number(), &mine) == 0 && ::lstat(partial_.c_str(), &named) == 0 &&
                          mine.st_ino == named.st_ino;  // else the other run has just given it its place
    if (!locked || !in_place) {
      throw InputOutputError{"cannot write " + place_.string(), "another run is writing " + partial_.string(),
                             "wait for it, or choose another output"};
    }
    if (::ftruncate(opened.number(), 0) != 0) throw cannot_write(place_.string(), errno);
    return opened;
  }

  void keep_permissions() const {
    struct ::stat before {};
    if (::stat(place_.c_str(), &before) == 0) (void)::fchmod(opened_.number(), before.st_mode & 07777);
  }

  /// Makes the new name durable; a folder that may not be opened, or a file system that has no such call, does without.
  void sync_folder() const {
    auto const folder = place_.has_parent_path() ? place_.parent_path() : std::filesystem::path{"."};
    Descriptor const opened{::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
    if (opened && ::fsync(opened.number()) != 0 && errno == EIO) throw cannot_write(place_.string(), EIO);
  }

  std::filesystem::path place_;
  std::filesystem::path partial_;
  Descriptor opened_;
  BufferedWriter writer_;
  JoinOrder order_;
  bool closed_ = false;
};

/// The path without symbolic links, so that it is their target that is replaced.
std::filesystem::path place_of(std::filesystem::path const& path) {
  std::error_code absent;
  auto const resolved = std::filesystem::canonical(path, absent);
  return absent ? path : resolved;
}

}  // namespace

std::unique_ptr<Joiner> make_file_joiner(std::optional<std::filesystem::path> const& path, JoinOrder order) {
  if (!path) return std::make_unique<DirectJoiner>(Descriptor{}, "standard output", order);
  struct ::stat status {};
  if (::stat(path->c_str(), &status) != 0) {
    if (errno != ENOENT) throw cannot_write(path->string(), errno);
    return std::make_unique<ReplacingJoiner>(*path, order);
  }
  if (S_ISDIR(status.st_mode)) throw cannot_write(path->string(), EISDIR);
  if (::faccessat(AT_FDCWD, path->c_str(), W_OK, AT_EACCESS) != 0) throw cannot_write(path->string(), errno);
  if (S_ISREG(status.st_mode)) return std::make_unique<ReplacingJoiner>(place_of(*path), order);
  Descriptor opened{::open(path->c_str(), O_WRONLY | O_CLOEXEC)};
  if (!opened) throw cannot_write(path->string(), errno);
  return std::make_unique<DirectJoiner>(std::move(opened), path->string(), order);
}

}  // namespace ballast
