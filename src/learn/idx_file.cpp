// IDX: a magic number, the dimensions, then unsigned bytes; all numbers big-endian.
#include <fmt/format.h>

#include <algorithm>
#include <cstdint>

#include "ballast/core/error.hpp"
#include "ballast/learn/dataset_file.hpp"
#include "learn/gzip_input.hpp"

namespace ballast::learn {
namespace {

constexpr std::uint32_t unsigned_bytes = 0x0800;  // the magic number's upper part; the lowest byte counts dimensions
constexpr std::uint64_t most_columns = 1U << 24U;

std::uint32_t read_number(GzipInput& file) {
  char bytes[4] = {};
  if (file.read(bytes, sizeof bytes) != sizeof bytes)
    file.refuse("it is too short for an IDX file", "give the file as it was published");
  std::uint32_t number = 0;
  for (auto const byte : bytes) number = number << 8U | static_cast<unsigned char>(byte);
  return number;
}

/// The number of dimensions.
std::uint32_t read_magic(GzipInput& file, std::string_view what, std::uint32_t least, std::uint32_t most) {
  auto const magic = read_number(file);
  auto const dimensions = magic & 0xffU;
  if ((magic & ~0xffU) != unsigned_bytes || dimensions < least || dimensions > most)
    file.refuse(fmt::format("its magic number is 0x{:08x}, that of {} is 0x{:08x}", magic, what,
                            unsigned_bytes + (most == 1 ? 1 : 3)),
                "give images to --images and labels to --labels, both in IDX format with unsigned bytes");
  return dimensions;
}

std::size_t read_row_size(GzipInput& file, std::uint32_t dimensions) {
  std::uint64_t columns = 1;
  for (std::uint32_t i = 1; i < dimensions; ++i) {
    columns *= read_number(file);
    if (columns == 0 || columns > most_columns)
      file.refuse(fmt::format("its rows have {} numbers, possible are 1 to {}", columns, most_columns),
                  "give the file as it was published");
  }
  return columns;
}

/// Takes memory as bytes arrive, so that a count that is a lie costs none.
std::vector<float> read_rows(GzipInput& file, std::size_t rows, std::size_t columns) {
  std::vector<float> values;
  std::string bytes(columns * std::max<std::size_t>(1, (1U << 16U) / columns), '\0');
  for (auto left = rows * columns; left > 0;) {
    auto const wanted = std::min(left, bytes.size());
    auto const got = file.read(bytes.data(), wanted);
    if (got < wanted)
      file.refuse(
          fmt::format("row {} is missing or short, its header promises {} rows", (values.size() + got) / columns, rows),
          "copy or download it again");
    for (std::size_t i = 0; i < got; ++i) values.push_back(static_cast<float>(static_cast<unsigned char>(bytes[i])));
    left -= got;
  }
  char more = 0;
  if (file.read(&more, 1) != 0)
    file.refuse(fmt::format("it goes on after the {} rows that its header promises", rows),
                "copy or download it again");
  return values;
}

}  // namespace

Matrix read_idx_images(std::string const& path) {
  GzipInput file{path};
  auto const dimensions = read_magic(file, "images", 2, 4);
  Matrix images;
  images.rows = read_number(file);
  images.columns = read_row_size(file, dimensions);
  images.values = read_rows(file, images.rows, images.columns);
  return images;
}

std::vector<float> read_idx_labels(std::string const& path) {
  GzipInput file{path};
  (void)read_magic(file, "labels", 1, 1);
  auto const rows = read_number(file);
  return read_rows(file, rows, 1);
}

Dataset read_idx(std::string const& images, std::string const& labels) {
  auto const values = read_idx_labels(labels);
  auto features = read_idx_images(images);
  if (features.rows != values.size())
    throw InputOutputError{fmt::format("cannot use {} with {}", images, labels),
                           fmt::format("{} images and {} labels", features.rows, values.size()),
                           "give the two files of one dataset"};
  return labelled(std::move(features), values);
}

}  // namespace ballast::learn
