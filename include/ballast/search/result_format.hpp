// Result format: how neighbours are written to a file, as bytes that can be appended batch by batch.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "ballast/search/neighbours.hpp"

namespace ballast {

/// Which half of the neighbours a file holds.
enum class ResultPart { ids, distances };

class ResultFormat {
 public:
  /// By the end of the file's name: .ivecs (ids, int32) · .fvecs (distances) · .npy (ids as int64, distances as
  /// float32) · .tsv .txt. Throws UsageError for any other.
  ResultFormat(std::string_view path, ResultPart part);

  /// What comes before the rows of `queries` queries.
  [[nodiscard]] std::string header(std::uint64_t queries, std::size_t k) const;
  /// Throws InputOutputError if an id does not fit.
  [[nodiscard]] std::string rows(Neighbours const& neighbours) const;

 private:
  enum class Encoding { vecs, npy, text };
  Encoding encoding_;
  ResultPart part_;
};

}  // namespace ballast
