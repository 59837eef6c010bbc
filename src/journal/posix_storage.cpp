// A run directory on a disk.
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

#include "journal/folder.hpp"
#include "journal/storage.hpp"

namespace ballast {
namespace {

using Path = std::filesystem::path;

class PosixFile final : public AppendFile {
 public:
  explicit PosixFile(Path path) : path_{std::move(path)}, opened_{open_private(path_, O_WRONLY | O_CREAT | O_APPEND)} {}

  void append(std::string_view bytes) override {
    try {
      write_all(opened_.number(), bytes);
    } catch (std::system_error const& error) {
      throw cannot("write", path_, error.code().value());
    }
  }
  void sync() override {
    while (::fdatasync(opened_.number()) != 0) {
      if (errno != EINTR) throw cannot("write", path_, errno);
    }
  }

 private:
  Path path_;
  Descriptor opened_;
};

class PosixStorage final : public Storage {
 public:
  explicit PosixStorage(Path directory) : directory_{std::move(directory)} {}

  [[nodiscard]] bool exists(std::string const& name) const override {
    struct ::stat status {};
    if (::stat(path_of(name).c_str(), &status) == 0) return true;
    if (errno == ENOENT) return false;
    throw cannot("read", path_of(name), errno);
  }

  [[nodiscard]] std::uint64_t size(std::string const& name) const override {
    struct ::stat status {};
    if (::stat(path_of(name).c_str(), &status) != 0) throw cannot("read", path_of(name), errno);
    return static_cast<std::uint64_t>(status.st_size);
  }

  [[nodiscard]] std::string read(std::string const& name, std::uint64_t offset, std::size_t most) const override {
    auto const whole = size(name);
    std::string bytes(offset < whole ? std::min<std::uint64_t>(most, whole - offset) : 0, '\0');
    auto const opened = open_private(path_of(name), O_RDONLY);
    try {
      bytes.resize(read_at(opened.number(), offset, bytes.data(), bytes.size()));
    } catch (std::system_error const& error) {
      throw cannot("read", path_of(name), error.code().value());
    }
    return bytes;
  }

  [[nodiscard]] std::vector<std::string> list(std::string const& folder) const override {
    std::vector<std::string> found;
    for_each_in(path_of(folder), [&](std::filesystem::directory_entry const& entry) {
      if (!entry.is_directory()) found.push_back(entry.path().filename().string());
    });
    return found;
  }

  [[nodiscard]] std::unique_ptr<AppendFile> append_to(std::string const& name) override {
    auto const path = path_of(name);
    if (path.parent_path() != directory_) make_folder(path.parent_path());
    return std::make_unique<PosixFile>(path);
  }

  void truncate(std::string const& name, std::uint64_t size) override {
    auto const path = path_of(name);
    auto const opened = open_private(path, O_WRONLY);
    while (::ftruncate(opened.number(), static_cast<off_t>(size)) != 0 || ::fsync(opened.number()) != 0) {
      if (errno != EINTR) throw cannot("write", path, errno);
    }
  }

  void rename(std::string const& from, std::string const& to) override {
    if (::rename(path_of(from).c_str(), path_of(to).c_str()) != 0) throw cannot("rename", path_of(from), errno);
  }

  void remove(std::string const& name) override {
    if (::unlink(path_of(name).c_str()) != 0) throw cannot("remove", path_of(name), errno);
  }

  void sync_names() override {
    for_each_in(directory_, [](std::filesystem::directory_entry const& entry) {
      if (entry.is_directory()) sync_folder(entry.path());
    });
    sync_folder(directory_);
  }

 private:
  [[nodiscard]] Path path_of(std::string const& name) const { return name.empty() ? directory_ : directory_ / name; }

  template <class Visit>
  static void for_each_in(Path const& folder, Visit visit) {
    try {
      for (auto const& entry : std::filesystem::directory_iterator{folder}) visit(entry);
    } catch (std::filesystem::filesystem_error const& error) {
      if (error.code() != std::errc::no_such_file_or_directory) throw cannot("read", folder, error.code().value());
    }
  }

  Path directory_;
};

}  // namespace

std::unique_ptr<Storage> open_directory(Path const& directory) {
  make_folder(directory);
  if (::faccessat(AT_FDCWD, directory.c_str(), R_OK | W_OK | X_OK, AT_EACCESS) != 0) {
    throw cannot("write", directory, errno);
  }
  return std::make_unique<PosixStorage>(directory);
}

}  // namespace ballast
