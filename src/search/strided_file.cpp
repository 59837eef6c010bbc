// Reading rows at equal distances.
#include "search/strided_file.hpp"

#include <algorithm>
#include <cstring>
#include <vector>

namespace ballast {
namespace {

template <class From, class To>
void decode(char const* bytes, std::size_t count, To* into) {
  for (std::size_t i = 0; i < count; ++i) {
    From value;
    std::memcpy(&value, bytes + i * sizeof value, sizeof value);
    into[i] = static_cast<To>(value);
  }
}

template <class To>
void decode(VectorElement element, char const* bytes, std::size_t count, To* into) {
  switch (element) {
    case VectorElement::float32:
      return decode<float>(bytes, count, into);
    case VectorElement::float64:
      return decode<double>(bytes, count, into);
    case VectorElement::uint8:
      return decode<std::uint8_t>(bytes, count, into);
    case VectorElement::int32:
      return decode<std::int32_t>(bytes, count, into);
    case VectorElement::int64:
      return decode<std::int64_t>(bytes, count, into);
    case VectorElement::text:
      break;
  }
}

}  // namespace

std::size_t size_of(VectorElement element) {
  switch (element) {
    case VectorElement::float32:
    case VectorElement::int32:
      return 4;
    case VectorElement::float64:
    case VectorElement::int64:
      return 8;
    case VectorElement::uint8:
    case VectorElement::text:
      break;
  }
  return 1;
}

template <class To>
void StridedFile::decode_rows(std::uint64_t first, std::uint64_t count, To* into) {
  auto const together = std::max<std::uint64_t>(1, bytes_at_once / stride_.stride);
  std::vector<char> bytes(std::min(together, count) * stride_.stride);
  for (std::uint64_t done = 0; done < count; done += together) {
    auto const now = std::min(together, count - done);
    file_.read(stride_.begin + (first + done) * stride_.stride, bytes.data(), now * stride_.stride);
    for (std::uint64_t row = 0; row < now; ++row) {
      auto const* const start = bytes.data() + row * stride_.stride;
      check_prefix(first + done + row, start);
      decode(stride_.element, start + stride_.prefix, stride_.dimension, into + (done + row) * stride_.dimension);
    }
  }
}

void StridedFile::read(std::uint64_t first, std::uint64_t count, std::span<float> into) {
  expect_range(*this, first, count, into.size());
  decode_rows(first, count, into.data());
  expect_finite(file_.path(), first, into, stride_.dimension);
}

void StridedFile::read_ids(std::uint64_t first, std::uint64_t count, std::span<std::int64_t> into) {
  expect_range(*this, first, count, into.size());
  if (stride_.element == VectorElement::float32 || stride_.element == VectorElement::float64)
    throw holds_floats(file_.path());
  decode_rows(first, count, into.data());
}

}  // namespace ballast
