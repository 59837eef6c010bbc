// Strided file: rows of numbers at equal distances, as .fvecs, .bvecs, .ivecs and .npy have them.
#pragma once

#include <span>

#include "search/vector_files.hpp"

namespace ballast {

/// Where the rows are: row r takes `stride` bytes from begin + r·stride, its components come behind `prefix` of them.
struct Stride {
  std::uint64_t begin{};
  std::uint64_t prefix{};
  std::uint64_t stride{};
  std::uint64_t rows{};
  std::size_t dimension{};
  VectorElement element{};
};

[[nodiscard]] std::size_t size_of(VectorElement element);

class StridedFile : public VectorFile {
 public:
  StridedFile(OpenedFile file, Stride const& stride) : file_{std::move(file)}, stride_{stride} {}

  [[nodiscard]] std::uint64_t rows() const final { return stride_.rows; }
  [[nodiscard]] std::size_t dimension() const final { return stride_.dimension; }
  [[nodiscard]] VectorElement element() const final { return stride_.element; }
  void read(std::uint64_t first, std::uint64_t count, std::span<float> into) final;
  void read_ids(std::uint64_t first, std::uint64_t count, std::span<std::int64_t> into) final;

 protected:
  [[nodiscard]] OpenedFile const& file() const { return file_; }

 private:
  /// Looks at the bytes before the components.
  virtual void check_prefix(std::uint64_t row, char const* bytes) const = 0;

  template <class To>
  void decode_rows(std::uint64_t first, std::uint64_t count, To* into);

  OpenedFile file_;
  Stride stride_;
};

}  // namespace ballast
