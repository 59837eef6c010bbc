// Neighbours as bytes.
#include "ballast/search/result_format.hpp"

#include <fmt/format.h>

#include <iterator>
#include <limits>

#include "ballast/core/error.hpp"
#include "core/bytes.hpp"

namespace ballast {
namespace {

std::int32_t narrow(std::int64_t id) {
  if (id > std::numeric_limits<std::int32_t>::max())
    throw InputOutputError{"cannot write the id " + std::to_string(id), ".ivecs holds 32 bits", "write .npy or .tsv"};
  return static_cast<std::int32_t>(id);
}

template <class Number, class Convert>
std::string vecs_rows(std::vector<Number> const& numbers, std::size_t k, Convert convert) {
  ByteWriter writer;
  for (std::size_t i = 0; i < numbers.size(); ++i) {
    if (i % k == 0) writer.number(static_cast<std::int32_t>(k));
    writer.number(convert(numbers[i]));
  }
  return writer.take();
}

template <class Number>
std::string npy_rows(std::vector<Number> const& numbers) {
  return {reinterpret_cast<char const*>(numbers.data()), numbers.size() * sizeof(Number)};
}

template <class Number>
std::string text_rows(std::vector<Number> const& numbers, std::size_t k) {
  std::string text;
  for (std::size_t i = 0; i < numbers.size(); ++i)
    fmt::format_to(std::back_inserter(text), "{}{}", numbers[i], (i + 1) % k == 0 ? '\n' : '\t');
  return text;
}

}  // namespace

ResultFormat::ResultFormat(std::string_view path, ResultPart part) : part_{part} {
  auto const ids = part == ResultPart::ids;
  if (path.ends_with(".npy")) {
    encoding_ = Encoding::npy;
  } else if (path.ends_with(".tsv") || path.ends_with(".txt")) {
    encoding_ = Encoding::text;
  } else if (path.ends_with(ids ? ".ivecs" : ".fvecs")) {
    encoding_ = Encoding::vecs;
  } else {
    throw UsageError{fmt::format("cannot write {} to {}", ids ? "ids" : "distances", path),
                     "its name ends in none of the known ways",
                     fmt::format("use {}, .npy, .tsv or .txt", ids ? ".ivecs" : ".fvecs")};
  }
}

std::string ResultFormat::header(std::uint64_t queries, std::size_t k) const {
  if (encoding_ != Encoding::npy) return {};
  auto dictionary = fmt::format("{{'descr': '{}', 'fortran_order': False, 'shape': ({}, {}), }}",
                                part_ == ResultPart::ids ? "<i8" : "<f4", queries, k);
  constexpr std::size_t before = 10;  // magic, version 1.0, length
  dictionary.append(63 - (before + dictionary.size()) % 64, ' ').append("\n");
  ByteWriter length;
  length.number(static_cast<std::uint16_t>(dictionary.size()));
  return "\x93NUMPY\x01" + std::string(1, '\0') + length.take() + dictionary;
}

std::string ResultFormat::rows(Neighbours const& neighbours) const {
  auto const ids = part_ == ResultPart::ids;
  switch (encoding_) {
    case Encoding::vecs:
      return ids ? vecs_rows(neighbours.ids, neighbours.k, narrow)
                 : vecs_rows(neighbours.distances, neighbours.k, [](float value) { return value; });
    case Encoding::npy:
      return ids ? npy_rows(neighbours.ids) : npy_rows(neighbours.distances);
    case Encoding::text:
      break;
  }
  return ids ? text_rows(neighbours.ids, neighbours.k) : text_rows(neighbours.distances, neighbours.k);
}

}  // namespace ballast
