// Which reader for which name, and what readers share.
#include "ballast/search/vector_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <cmath>
#include <system_error>

#include "ballast/core/contract.hpp"
#include "search/vector_files.hpp"

namespace ballast {
namespace {

InputOutputError cannot_read(std::string const& path, int error) {
  return InputOutputError::from_errno("cannot read " + path, error,
                                      error == ENOENT ? "check the path" : "check the file and its disk");
}

bool is_text(std::string_view path) { return path.ends_with(".tsv") || path.ends_with(".txt"); }

}  // namespace

std::unique_ptr<VectorFile> make_vector_file(std::string const& path, VectorFileChoice const& choice) {
  std::string_view const name = path;
  if (!choice.columns.empty() && !is_text(name))
    throw UsageError{"columns " + choice.columns + " of " + path + " cannot be chosen",
                     "only .tsv and .txt have columns to choose from", "leave them out"};
  if (is_text(name)) return make_text_file(path, choice.columns);
  if (name.ends_with(".fvecs")) return make_vecs_file(path, VectorElement::float32);
  if (name.ends_with(".bvecs")) return make_vecs_file(path, VectorElement::uint8);
  if (name.ends_with(".ivecs")) return make_vecs_file(path, VectorElement::int32);
  if (name.ends_with(".npy")) return make_npy_file(path);
  if (name.ends_with(".hdf5") || name.ends_with(".h5")) return make_hdf5_file(path, choice.dataset);
  throw UsageError{"cannot tell what " + path + " holds", "its name ends in none of the known ways",
                   "use .fvecs, .bvecs, .ivecs, .npy, .tsv, .txt or .hdf5"};
}

OpenedFile::OpenedFile(std::string path) : path_{std::move(path)} {
  file_ = Descriptor{::open(path_.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK)};  // a FIFO would wait for its writer
  struct ::stat status {};
  if (!file_ || ::fstat(file_.number(), &status) != 0) throw cannot_read(path_, errno);
  if (!S_ISREG(status.st_mode))
    throw InputOutputError{"cannot read vectors from " + path_, "it is no regular file", "write them to a file first"};
  size_ = static_cast<std::uint64_t>(status.st_size);
}

void OpenedFile::read(std::uint64_t offset, void* into, std::size_t size) const {
  std::size_t got = 0;
  try {
    got = read_at(file_.number(), offset, static_cast<char*>(into), size);
  } catch (std::system_error const& error) {
    throw cannot_read(path_, error.code().value());
  }
  if (got < size)
    throw InputOutputError{"cannot read " + path_ + " any more", "it has become shorter since it was opened",
                           "start again, and leave it alone meanwhile"};
}

void OpenedFile::refuse(std::string_view why) const { throw malformed(path_, why); }
void OpenedFile::refuse_row(std::uint64_t row, std::string_view why) const { throw malformed_row(path_, row, why); }

InputOutputError malformed(std::string const& path, std::string_view why) {
  return {"cannot use the vectors of " + path, why, "check how it was made"};
}

InputOutputError malformed_row(std::string const& path, std::uint64_t row, std::string_view why) {
  return malformed(path, "row " + std::to_string(row) + ", counted from 0, " + std::string{why});
}

InputOutputError not_finite(std::string const& path, std::uint64_t row, std::size_t column) {
  return malformed_row(path, row, "has no finite float in column " + std::to_string(column + 1));
}

InputOutputError holds_floats(std::string const& path) {
  return {"cannot take ids from " + path, "it holds floats", "give .ivecs, .npy of integers, .tsv, .txt or .hdf5"};
}

void expect_finite(std::string const& path, std::uint64_t first, std::span<float const> rows, std::size_t dimension) {
  auto const bad = std::find_if_not(rows.begin(), rows.end(), [](float value) { return std::isfinite(value); });
  if (bad == rows.end()) return;
  auto const position = static_cast<std::size_t>(bad - rows.begin());
  throw not_finite(path, first + position / dimension, position % dimension);
}

void expect_range(VectorFile const& file, std::uint64_t first, std::uint64_t count, std::size_t room) {
  BALLAST_EXPECT(first <= file.rows() && count <= file.rows() - first && room == count * file.dimension());
}

}  // namespace ballast
