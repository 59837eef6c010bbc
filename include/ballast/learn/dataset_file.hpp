// Dataset files: IDX, as MNIST comes, and CSV; plain or compressed by gzip.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "ballast/learn/dataset.hpp"

namespace ballast::learn {

// All of them throw InputOutputError, which names the file and, where there is one, the row, if a file is missing, is
// not of its format, or ends early. Lengths that a file claims are checked before memory is taken.

/// IDX of unsigned bytes: the first dimension counts the rows, a row is all the others.
[[nodiscard]] Matrix read_idx_images(std::string const& path);
/// IDX of unsigned bytes, of one dimension.
[[nodiscard]] std::vector<float> read_idx_labels(std::string const& path);
/// The two together; they must have the same count.
[[nodiscard]] Dataset read_idx(std::string const& images, std::string const& labels);

enum class CsvHeader { absent, present };

struct CsvOptions {
  CsvHeader header = CsvHeader::absent;
  std::optional<std::size_t> label_column = {};  ///< from 1; else the last
};

/// Finite numbers between commas, in each row as many; the labels are numbers, too. Throws UsageError for a label
/// column that the file has not got.
[[nodiscard]] Dataset read_csv(std::string const& path, CsvOptions const& options);
/// The same without labels: all columns are features.
[[nodiscard]] Matrix read_csv_features(std::string const& path, CsvHeader header);

}  // namespace ballast::learn
