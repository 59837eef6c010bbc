// The index pass, and reading by the index.
#include "problem/text_index.hpp"

#include <algorithm>
#include <filesystem>
#include <utility>

#include "ballast/core/contract.hpp"
#include "ballast/problem/reference.hpp"

namespace ballast {
namespace {

constexpr std::size_t read_size = 256 * 1024;
constexpr std::size_t open_files_limit = 64;

/// With large batches only the ends of jobs have to be seen; with small ones the whole file is, in large pieces.
std::size_t least_load(Batch const& batch) {
  auto const* const bytes = std::get_if<BatchBytes>(&batch);
  return bytes != nullptr && bytes->limit >= 32 * 1024 ? 0 : read_size;
}

}  // namespace

JobOffsets::JobOffsets(std::size_t limit) : limit_{limit} { BALLAST_EXPECT(limit >= 2); }

void JobOffsets::add(std::uint64_t offset) {
  if (count_ % stride_ == 0 && offsets_.size() == limit_) {
    for (std::size_t i = 0; 2 * i < offsets_.size(); ++i) offsets_[i] = offsets_[2 * i];
    offsets_.resize((offsets_.size() + 1) / 2);
    stride_ *= 2;
  }
  if (count_ % stride_ == 0) offsets_.push_back(offset);
  ++count_;
}

InputFiles::InputFiles(std::vector<std::string> const& paths) : starts_{0}, descriptors_(paths.size()) {
  for (auto const& path : paths) {
    files_.push_back(facts_of(open_input(path), path));
    starts_.push_back(starts_.back() + files_.back().size);
  }
}

std::size_t InputFiles::file_at(std::uint64_t offset) const {
  return static_cast<std::size_t>(std::ranges::upper_bound(starts_, offset) - starts_.begin()) - 1;
}

void InputFiles::read(std::size_t number, std::uint64_t offset, char* into, std::size_t size) {
  read_input(opened(number), files_[number], offset, into, size);
}

Descriptor const& InputFiles::opened(std::size_t number) {
  if (!descriptors_[number]) {
    if (open_.size() == open_files_limit) {
      descriptors_[open_.front()] = Descriptor{};
      open_.pop_front();
    }
    descriptors_[number] = open_input(files_[number].path);
    open_.push_back(number);
  }
  return descriptors_[number];
}

void FileWindow::look_at(std::size_t file) {
  if (file == file_) return;
  file_ = file;
  loaded_.clear();
}

std::uint64_t FileWindow::reach(std::uint64_t offset) { return std::min(offset, files_.file(file_).size); }

std::string_view FileWindow::bytes(std::uint64_t begin, std::uint64_t end) {
  if (begin < begin_ || end > begin_ + loaded_.size()) load(begin, std::max<std::size_t>(end - begin, least_));
  return std::string_view{loaded_}.substr(begin - begin_, end - begin);
}

std::string_view FileWindow::ahead(std::uint64_t begin) {
  if (begin < begin_ || begin >= begin_ + loaded_.size()) load(begin, read_size);
  return std::string_view{loaded_}.substr(begin - begin_);
}

void FileWindow::load(std::uint64_t begin, std::size_t size) {
  loaded_.resize(std::min<std::uint64_t>(size, files_.file(file_).size - begin));
  begin_ = begin;
  if (!loaded_.empty()) files_.read(file_, begin, loaded_.data(), loaded_.size());
}

IndexedText::IndexedText(TextOptions options, std::size_t offsets_limit)
    : options_{std::move(options)},
      files_{options_.inputs},
      window_{files_},
      reading_{files_},
      offsets_{offsets_limit} {
  window_.load_at_least(least_load(options_.batch));
  for (std::uint64_t begin = 0; begin < files_.size(); begin = end_of(begin)) offsets_.add(begin);
  window_.load_at_least(0);
}

std::uint64_t IndexedText::end_of(std::uint64_t begin) {
  auto const file = files_.file_at(begin);
  window_.look_at(file);
  auto const start = files_.start(file);
  return start + end_of_job(window_, begin - start, options_.batch, options_.record_end);
}

std::uint64_t IndexedText::begin_of(std::uint64_t job) {
  if (job == count()) return files_.size();
  auto const stride = offsets_.stride();
  if (stride == 1) return offsets_.kept(job);
  return block(job / stride).offsets[job % stride];
}

IndexedText::Block const& IndexedText::block(std::uint64_t number) {
  auto const mixed = number * 0x9E3779B97F4A7C15U;  // so that strides of a power of two do not meet in one place
  auto& block = blocks_[mixed >> 56];
  if (block.number == number && !block.offsets.empty()) return block;
  auto const stride = offsets_.stride();
  auto const jobs = std::min(stride, count() - number * stride);
  block.offsets.clear();
  block.number = number;
  auto begin = offsets_.kept(number);
  load_block(begin, number * stride + jobs == count() ? files_.size() : offsets_.kept(number + 1));
  for (std::uint64_t i = 0; i < jobs; ++i) {
    block.offsets.push_back(begin);
    if (i + 1 < jobs) begin = end_of(begin);
  }
  return block;
}

/// Loads a small block with one call, as far as it is in one file.
void IndexedText::load_block(std::uint64_t begin, std::uint64_t end) {
  auto const file = files_.file_at(begin);
  window_.look_at(file);
  end = std::min(end, files_.start(file + 1));
  auto const start = files_.start(file);
  if (end - begin <= read_size) static_cast<void>(window_.bytes(begin - start, end - start));
}

Payload IndexedText::records(std::size_t file, std::uint64_t offset, std::uint64_t size) {
  auto const begin = files_.start(file) + offset;
  auto const in_a_row = std::exchange(next_, begin + size) == begin;
  ahead_ = in_a_row ? std::clamp<std::size_t>(2 * ahead_, 4096, read_size) : 0;
  if (size <= read_size / 4) {
    reading_.look_at(file);
    reading_.load_at_least(ahead_);
    return Payload{reading_.bytes(offset, offset + size)};
  }
  Payload bytes(size, '\0');
  files_.read(file, offset, bytes.data(), size);
  return bytes;
}

Payload IndexedText::read(JobId id) {
  BALLAST_EXPECT(id.value() < count());
  auto const begin = begin_of(id.value());
  auto const size = begin_of(id.value() + 1) - begin;
  auto const number = files_.file_at(begin);
  auto const offset = begin - files_.start(number);
  if (options_.content == JobContent::reference) {
    auto const& file = files_.file(number);
    return encode_reference({std::filesystem::absolute(file.path).string(), offset, size, file.size, file.modified_ns});
  }
  return records(number, offset, size);
}

}  // namespace ballast
