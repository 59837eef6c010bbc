// Reading streams with memory for one job and a buffer.
#include "problem/text_stream.hpp"

#include <algorithm>
#include <cstring>

#include "problem/input_file.hpp"

namespace ballast {
namespace {

constexpr std::size_t read_size = 256 * 1024;
constexpr std::size_t buffer_size = 4 * read_size;

}  // namespace

std::uint64_t StreamWindow::reach(std::uint64_t offset) {
  while (end() < offset && fill()) {
  }
  return std::min(offset, end());
}

std::string_view StreamWindow::bytes(std::uint64_t begin, std::uint64_t end) {
  return std::string_view{buffer_}.substr(taken_ + (begin - begin_), end - begin);
}

std::string_view StreamWindow::ahead(std::uint64_t begin) {
  if (begin == end()) fill();
  return bytes(begin, end());
}

Payload StreamWindow::take(std::uint64_t end) {
  auto const size = end - begin_;
  begin_ = end;
  if (size < buffer_size) {
    taken_ += size;
    return buffer_.substr(taken_ - size, size);
  }
  std::string rest = buffer_.substr(taken_ + size, filled_ - taken_ - size);
  auto job = std::exchange(buffer_, std::move(rest));
  job.resize(taken_ + size);
  job.erase(0, taken_);
  taken_ = 0;
  filled_ = buffer_.size();
  return job;
}

bool StreamWindow::fill() {
  if (ended_) return false;
  make_room();
  auto const got =
      read_stream(opened_ ? opened_.number() : 0, name_, buffer_.data() + filled_, buffer_.size() - filled_);
  filled_ += got;
  ended_ = got == 0;
  return !ended_;
}

/// Room for a read, at the price of moving what is in no job yet, or of a larger buffer. A buffer grows in steps that
/// touch no more memory than is filled soon.
void StreamWindow::make_room() {
  if (buffer_.size() - filled_ >= read_size) return;
  if (taken_ > 0) std::memmove(buffer_.data(), buffer_.data() + taken_, filled_ - taken_);
  filled_ -= std::exchange(taken_, 0);
  buffer_.resize(std::max({buffer_size, buffer_.size(), filled_ + read_size}));
}

std::optional<Payload> StreamedText::next() {
  for (;;) {
    if (!window_) {
      if (opened_ == options_.inputs.size()) return std::nullopt;
      auto const& name = options_.inputs[opened_++];
      if (name == "-") {
        window_.emplace(Descriptor{}, "standard input");
      } else {
        window_.emplace(open_input(name), name);
      }
    }
    if (window_->reach(window_->begin() + 1) > window_->begin()) break;
    window_.reset();
  }
  return window_->take(end_of_job(*window_, window_->begin(), options_.batch, options_.record_end));
}

}  // namespace ballast
