// Reading by zlib, and its complaints as errors.
#include "learn/gzip_input.hpp"

#include <zlib.h>

#include <algorithm>
#include <cerrno>

#include "ballast/core/error.hpp"

namespace ballast::learn {
namespace {

gzFile opened(void* file) { return static_cast<gzFile>(file); }

}  // namespace

void GzipInput::Close::operator()(void* file) const { gzclose_r(opened(file)); }

GzipInput::GzipInput(std::string path) : path_{std::move(path)} {
  errno = 0;
  file_.reset(gzopen(path_.c_str(), "rb"));
  if (!file_) throw InputOutputError::from_errno("cannot open " + path_, errno, "check the name");
}

std::size_t GzipInput::read(char* into, std::size_t size) {
  constexpr std::size_t largest_read = 1U << 30U;
  std::size_t count = 0;
  while (count < size) {
    auto const piece = static_cast<unsigned>(std::min(size - count, largest_read));
    auto const got = gzread(opened(file_.get()), into + count, piece);
    auto error = Z_OK;
    auto const* const text = gzerror(opened(file_.get()), &error);
    if (error == Z_ERRNO) throw InputOutputError::from_errno("cannot read " + path_, errno, "");
    if (error == Z_BUF_ERROR) refuse("its compressed bytes end too early", "copy or download it again");
    if (error != Z_OK) refuse(std::string{"its compressed bytes are damaged: "} + text, "copy or download it again");
    if (got <= 0) break;
    count += static_cast<std::size_t>(got);
  }
  return count;
}

bool GzipInput::read_line(std::string& line) {
  constexpr std::size_t piece = 1U << 16U;
  line.clear();
  while (true) {
    auto const end = read_ahead_.find('\n', taken_);
    line.append(read_ahead_, taken_, end - taken_);
    if (end != std::string::npos) {
      taken_ = end + 1;
      return true;
    }
    read_ahead_.resize(piece);
    read_ahead_.resize(read(read_ahead_.data(), piece));
    taken_ = 0;
    if (read_ahead_.empty()) return !line.empty();
  }
}

void GzipInput::refuse(std::string_view why, std::string_view remedy) const {
  throw InputOutputError{"cannot use " + path_, why, remedy};
}

}  // namespace ballast::learn
