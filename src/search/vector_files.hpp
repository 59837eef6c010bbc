// Vector files: one maker for each kind of file, and what they share.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "ballast/core/error.hpp"
#include "ballast/search/vector_file.hpp"
#include "core/descriptor.hpp"

namespace ballast {

/// How many bytes a reader asks for at once.
inline constexpr std::uint64_t bytes_at_once = 1 << 20;
/// A larger dimension is taken for garbage.
inline constexpr std::int64_t largest_dimension = 1 << 20;

[[nodiscard]] std::unique_ptr<VectorFile> make_vecs_file(std::string const& path, VectorElement element);
[[nodiscard]] std::unique_ptr<VectorFile> make_npy_file(std::string const& path);
[[nodiscard]] std::unique_ptr<VectorFile> make_text_file(std::string const& path, std::string_view columns);
[[nodiscard]] std::unique_ptr<VectorFile> make_hdf5_file(std::string const& path, std::string const& dataset);

/// A file that was opened, its size and its name in messages.
class OpenedFile {
 public:
  /// Throws InputOutputError if it is not a file that can be read.
  explicit OpenedFile(std::string path);

  [[nodiscard]] std::string const& path() const { return path_; }
  [[nodiscard]] std::uint64_t size() const { return size_; }
  /// Throws InputOutputError if the bytes are not there.
  void read(std::uint64_t offset, void* into, std::size_t size) const;

  /// The errors of malformed files.
  [[noreturn]] void refuse(std::string_view why) const;
  [[noreturn]] void refuse_row(std::uint64_t row, std::string_view why) const;

 private:
  std::string path_;
  Descriptor file_;
  std::uint64_t size_ = 0;
};

/// The error of a file that can be read and holds something else than it should.
[[nodiscard]] InputOutputError malformed(std::string const& path, std::string_view why);
[[nodiscard]] InputOutputError malformed_row(std::string const& path, std::uint64_t row, std::string_view why);
[[nodiscard]] InputOutputError not_finite(std::string const& path, std::uint64_t row, std::size_t column);
[[nodiscard]] InputOutputError holds_floats(std::string const& path);

/// Throws not_finite for the first component of `rows` that is none. `first` is the number of the first row.
void expect_finite(std::string const& path, std::uint64_t first, std::span<float const> rows, std::size_t dimension);

/// Breaks its contract unless first … first + count − 1 are rows, and `room` is what they take.
void expect_range(VectorFile const& file, std::uint64_t first, std::uint64_t count, std::size_t room);

}  // namespace ballast
