// .fvecs, .bvecs, .ivecs: each row begins with its dimension as an int32.
#include <algorithm>
#include <cstring>

#include "search/strided_file.hpp"

namespace ballast {
namespace {

constexpr std::uint64_t prefix = sizeof(std::int32_t);

std::string other_dimension(std::int64_t dimension, std::int64_t first) {
  return "has dimension " + std::to_string(dimension) + ", row 0 has " + std::to_string(first);
}

std::int32_t dimension_at(OpenedFile const& file, std::uint64_t offset) {
  std::int32_t dimension{};
  file.read(offset, &dimension, sizeof dimension);
  return dimension;
}

/// Of a file whose rows do not fill it: a row has another dimension, or the last one is cut.
[[noreturn]] void refuse_size(OpenedFile const& file, Stride const& stride) {
  for (std::uint64_t row = 0; row < stride.rows; ++row) {
    auto const dimension = dimension_at(file, row * stride.stride);
    if (dimension != static_cast<std::int64_t>(stride.dimension))
      file.refuse_row(row, other_dimension(dimension, static_cast<std::int64_t>(stride.dimension)));
  }
  file.refuse_row(stride.rows, "is short: the file ends within it");
}

Stride stride_of(OpenedFile const& file, VectorElement element) {
  if (file.size() < prefix) file.refuse(file.size() == 0 ? "the file is empty" : "row 0 is short");
  auto const dimension = dimension_at(file, 0);
  if (dimension < 1 || dimension > largest_dimension)
    file.refuse_row(
        0, "has dimension " + std::to_string(dimension) + ", possible are 1 to " + std::to_string(largest_dimension));
  Stride stride{.prefix = prefix, .dimension = static_cast<std::size_t>(dimension), .element = element};
  stride.stride = prefix + stride.dimension * size_of(element);
  stride.rows = file.size() / stride.stride;
  if (file.size() % stride.stride != 0) refuse_size(file, stride);
  return stride;
}

class VecsFile final : public StridedFile {
 public:
  using StridedFile::StridedFile;

 private:
  void check_prefix(std::uint64_t row, char const* bytes) const override {
    std::int32_t found{};
    std::memcpy(&found, bytes, sizeof found);
    if (found != static_cast<std::int64_t>(dimension()))
      file().refuse_row(row, other_dimension(found, static_cast<std::int64_t>(dimension())));
  }
};

}  // namespace

std::unique_ptr<VectorFile> make_vecs_file(std::string const& path, VectorElement element) {
  OpenedFile file{path};
  auto const stride = stride_of(file, element);
  return std::make_unique<VecsFile>(std::move(file), stride);
}

}  // namespace ballast
