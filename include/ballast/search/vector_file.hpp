// Vector file: vectors on disk, read by ranges of rows and never as a whole.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>

namespace ballast {

/// What the components are in the file.
enum class VectorElement { float32, float64, uint8, int32, int64, text };

/// How to look at a file that holds more than vectors.
struct VectorFileChoice {
  std::string columns = {};       ///< of .tsv and .txt, counted from 1: `1-128`, `2-`, `7`; empty = all
  std::string dataset = "train";  ///< of .hdf5
};

/// Rows are counted from 0, as ids are; so are those in messages. Reading throws InputOutputError and names the row
/// where a row has another dimension than the first, is short, or has a component that is no finite float.
class VectorFile {
 public:
  virtual ~VectorFile() = default;

  [[nodiscard]] virtual std::uint64_t rows() const = 0;
  [[nodiscard]] virtual std::size_t dimension() const = 0;
  [[nodiscard]] virtual VectorElement element() const = 0;

  /// Fills `into` (count × dimension) with rows first … first + count − 1.
  virtual void read(std::uint64_t first, std::uint64_t count, std::span<float> into) = 0;
  /// The same for ids, all digits kept; throws InputOutputError if the file holds floats.
  virtual void read_ids(std::uint64_t first, std::uint64_t count, std::span<std::int64_t> into) = 0;

  /// The name of the distance for which the file was made, where the format says so (.hdf5): `euclidean`, `angular` …
  [[nodiscard]] virtual std::optional<std::string> distance() const { return std::nullopt; }
};

/// By the end of its name: .fvecs .bvecs .ivecs (little-endian) · .npy (C order; f4 f8 u1 i4 i8) · .tsv .txt (blanks or
/// tabs; one pass finds the rows) · .hdf5 .h5 (a matrix). Throws InputOutputError, or UsageError for another name or
/// senseless columns.
[[nodiscard]] std::unique_ptr<VectorFile> make_vector_file(std::string const& path,
                                                           VectorFileChoice const& choice = {});

}  // namespace ballast
