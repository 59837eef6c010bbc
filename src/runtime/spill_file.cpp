// The segments of a spill file.
#include "runtime/spill_file.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <system_error>

#include "ballast/core/contract.hpp"
#include "ballast/core/error.hpp"

namespace ballast {
namespace {

InputOutputError cannot_spill(std::filesystem::path const& directory, int error) {
  return InputOutputError::from_errno("cannot set work aside in " + directory.string(), error,
                                      "set TMPDIR to a folder with more room");
}

/// For file systems without O_TMPFILE.
int open_and_unlink(std::filesystem::path const& directory) {
  auto name = (directory / "ballast-XXXXXX").string();
  auto const number = ::mkostemp(name.data(), O_CLOEXEC);
  if (number >= 0) ::unlink(name.c_str());
  return number;
}

}  // namespace

void SpillFile::open() {
  auto number = ::open(directory_.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
  if (number < 0) number = open_and_unlink(directory_);
  if (number < 0) throw cannot_spill(directory_, errno);
  file_ = Descriptor{number};
}

void SpillFile::append(std::string_view bytes, std::vector<Extent>& value) {
  while (!bytes.empty()) {
    if (live_.empty() || buffer_.size() == Extent::longest) next_segment();
    auto const piece = bytes.substr(0, Extent::longest - buffer_.size());
    auto const offset = filling_ * Extent::longest + buffer_.size();
    if (!buffer_.empty() && !value.empty() && value.back().end() == offset) {
      value.back() = Extent{value.back().offset(), value.back().length() + piece.size()};
    } else {
      value.emplace_back(offset, piece.size());
    }
    buffer_.append(piece);
    live_[filling_] += static_cast<std::uint32_t>(piece.size());
    total_ += piece.size();
    written_ += piece.size();
    bytes.remove_prefix(piece.size());
  }
}

void SpillFile::release(Extent extent) {
  auto const segment = extent.offset() / Extent::longest;
  BALLAST_EXPECT(extent.length() > 0 && segment < live_.size() && live_[segment] >= extent.length());
  live_[segment] -= static_cast<std::uint32_t>(extent.length());
  total_ -= extent.length();
  if (total_ == 0) {
    empty();
  } else if (live_[segment] == 0 && segment == filling_) {
    buffer_.clear();
  } else if (live_[segment] == 0) {
    free_.push_back(segment);
  }
}

void SpillFile::next_segment() {
  if (!live_.empty()) store();
  buffer_.clear();
  buffer_.reserve(Extent::longest);
  if (free_.empty()) {
    filling_ = live_.size();
    live_.push_back(0);
  } else {
    filling_ = free_.back();
    free_.pop_back();
  }
}

void SpillFile::store() {
  if (!file_) open();
  try {
    write_at(file_.number(), filling_ * Extent::longest, buffer_);
  } catch (std::system_error const& error) {
    throw cannot_spill(directory_, error.code().value());
  }
}

void SpillFile::empty() {
  if (file_ && ::ftruncate(file_.number(), 0) != 0) throw cannot_spill(directory_, errno);
  live_.clear();
  free_.clear();
  buffer_.clear();
}

std::string_view SpillFile::buffered(Extent extent) const {
  auto const begin = filling_ * Extent::longest;
  if (live_.empty() || extent.offset() < begin || extent.end() > begin + buffer_.size()) return {};
  return std::string_view{buffer_}.substr(extent.offset() - begin, extent.length());
}

void SpillFile::read(Extent extent, char* into) const {
  try {
    auto const got = read_at(file_.number(), extent.offset(), into, extent.length());
    BALLAST_ENSURE(got == extent.length());
  } catch (std::system_error const& error) {
    throw InputOutputError::from_errno("cannot read back what was set aside in " + directory_.string(),
                                       error.code().value(), "check that disk, or set TMPDIR to another");
  }
}

}  // namespace ballast
