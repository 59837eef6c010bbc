// Dataset: rows of features, each with a class.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace ballast::learn {

/// Stored by rows.
struct Matrix {
  std::size_t rows = 0;
  std::size_t columns = 0;
  std::vector<float> values;  ///< rows·columns

  [[nodiscard]] std::span<float const> row(std::size_t index) const {
    return std::span{values}.subspan(index * columns, columns);
  }
};

struct Dataset {
  Matrix features;
  std::vector<std::uint32_t> labels;  ///< of each row, its class's place in `classes`
  std::vector<float> classes;         ///< ascending, each once
};

/// Rows with their classes that are somewhere else, and stay there as they are while this is used.
struct DatasetView {
  std::span<float const> features;  ///< stored by rows
  std::size_t columns = 0;
  std::span<std::uint32_t const> labels;
  std::size_t classes = 0;  ///< how many there are

  DatasetView() = default;
  DatasetView(Dataset const& dataset)
      : features{dataset.features.values},
        columns{dataset.features.columns},
        labels{dataset.labels},
        classes{dataset.classes.size()} {}

  [[nodiscard]] std::size_t rows() const { return labels.size(); }
  [[nodiscard]] std::span<float const> row(std::size_t index) const {
    return features.subspan(index * columns, columns);
  }
};

/// Rows from `begin` up to, not including, `end`.
struct RowRange {
  std::size_t begin = 0;
  std::size_t end = 0;
};

/// Names the classes after the labels that occur. Breaks its contract if there are not as many labels as rows.
[[nodiscard]] Dataset labelled(Matrix features, std::span<float const> labels);

/// The same rows, their labels counted in other classes (a model's). Throws UsageError if one of them is not there.
[[nodiscard]] Dataset with_classes(Dataset dataset, std::vector<float> const& classes);

/// Some of the rows; the classes stay.
[[nodiscard]] DatasetView rows_of(DatasetView dataset, RowRange rows);

struct TestSplit {
  Dataset train;
  Dataset test;
};

/// Row i is for the test if and only if i mod `every` is 0; with `every` 0 none is. Both parts keep all the classes.
/// Throws UsageError if nothing is left to train with.
[[nodiscard]] TestSplit split_test(Dataset const& dataset, std::size_t every);

/// Runs of rows, in order, whose sizes differ by one at most. `shards` ≥ 1; more shards than rows leave some empty.
[[nodiscard]] std::vector<RowRange> shard_ranges(std::size_t rows, std::size_t shards);

}  // namespace ballast::learn
