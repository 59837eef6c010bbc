// How datasets are divided, and how classes get their places.
#include "ballast/learn/dataset.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "ballast/core/contract.hpp"
#include "ballast/core/error.hpp"

namespace ballast::learn {
namespace {

std::size_t place_of(std::vector<float> const& classes, float label) {
  return static_cast<std::size_t>(std::lower_bound(classes.begin(), classes.end(), label) - classes.begin());
}

Dataset empty_like(Dataset const& dataset) { return {{0, dataset.features.columns, {}}, {}, dataset.classes}; }

void append(Dataset& to, Dataset const& from, RowRange rows) {
  auto const& values = from.features.values;
  auto const at = [columns = from.features.columns](std::size_t row) {
    return static_cast<std::ptrdiff_t>(row * columns);
  };
  to.features.values.insert(to.features.values.end(), values.begin() + at(rows.begin), values.begin() + at(rows.end));
  to.labels.insert(to.labels.end(), from.labels.begin() + static_cast<std::ptrdiff_t>(rows.begin),
                   from.labels.begin() + static_cast<std::ptrdiff_t>(rows.end));
  to.features.rows += rows.end - rows.begin;
}

}  // namespace

Dataset labelled(Matrix features, std::span<float const> labels) {
  BALLAST_EXPECT(features.rows == labels.size());
  BALLAST_EXPECT(features.values.size() == features.rows * features.columns);
  Dataset dataset{std::move(features), {}, {labels.begin(), labels.end()}};
  auto& classes = dataset.classes;
  std::sort(classes.begin(), classes.end());
  classes.erase(std::unique(classes.begin(), classes.end()), classes.end());
  dataset.labels.reserve(labels.size());
  for (auto const label : labels) dataset.labels.push_back(static_cast<std::uint32_t>(place_of(classes, label)));
  return dataset;
}

Dataset with_classes(Dataset dataset, std::vector<float> const& classes) {
  std::vector<std::uint32_t> places;
  for (auto const label : dataset.classes) {
    auto const place = place_of(classes, label);
    if (place == classes.size() || classes[place] != label)
      throw UsageError{fmt::format("the class {} is not known", label),
                       fmt::format("it was not among the {} classes trained with", classes.size()),
                       "give data of the same kind, with the same labels"};
    places.push_back(static_cast<std::uint32_t>(place));
  }
  for (auto& label : dataset.labels) label = places[label];
  dataset.classes = classes;
  return dataset;
}

DatasetView rows_of(DatasetView dataset, RowRange rows) {
  BALLAST_EXPECT(rows.begin <= rows.end && rows.end <= dataset.rows());
  auto const count = rows.end - rows.begin;
  dataset.features = dataset.features.subspan(rows.begin * dataset.columns, count * dataset.columns);
  dataset.labels = dataset.labels.subspan(rows.begin, count);
  return dataset;
}

TestSplit split_test(Dataset const& dataset, std::size_t every) {
  if (every == 0) return {dataset, empty_like(dataset)};
  TestSplit split{empty_like(dataset), empty_like(dataset)};
  for (std::size_t i = 0; i < dataset.features.rows; ++i)
    append(i % every == 0 ? split.test : split.train, dataset, {i, i + 1});
  if (split.train.features.rows == 0)
    throw UsageError{
        "no row is left to train with",
        fmt::format("of {} rows, each whose number is a multiple of {} is for the test", dataset.features.rows, every),
        "give a larger --test-every"};
  return split;
}

std::vector<RowRange> shard_ranges(std::size_t rows, std::size_t shards) {
  BALLAST_EXPECT(shards > 0);
  std::vector<RowRange> ranges;
  for (std::size_t i = 0; i < shards; ++i) {
    auto const begin = i == 0 ? 0 : ranges.back().end;
    ranges.push_back({begin, begin + rows / shards + (i < rows % shards ? 1 : 0)});
  }
  return ranges;
}

}  // namespace ballast::learn
