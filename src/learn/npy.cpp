// .npy, format versions 1 to 3: a magic number, a dictionary as Python writes it, the values.
#include <fmt/format.h>

#include <charconv>
#include <cstring>
#include <limits>
#include <optional>

#include "core/bytes.hpp"
#include "learn/npz.hpp"

namespace ballast::learn {
namespace {

constexpr std::string_view magic = "\x93NUMPY";
constexpr std::size_t alignment = 64;  // of the values, from the beginning of the file

/// What stands behind a key of the dictionary; empty if there is no such key.
std::string_view value_of(std::string_view dictionary, std::string_view key) {
  auto const place = dictionary.find(fmt::format("'{}'", key));
  if (place == std::string_view::npos) return {};
  auto const begin = dictionary.find_first_not_of(" :", place + key.size() + 2);
  return begin == std::string_view::npos ? std::string_view{} : dictionary.substr(begin);
}

/// `(3, 4)`, `(3,)` or `()`.
std::optional<std::vector<std::size_t>> shape_of(std::string_view text) {
  auto const end = text.find(')');
  if (!text.starts_with('(') || end == std::string_view::npos) return std::nullopt;
  std::vector<std::size_t> shape;
  for (std::size_t at = 1; (at = text.find_first_not_of(", ", at)) < end;) {
    std::size_t number = 0;
    auto const [stop, error] = std::from_chars(text.data() + at, text.data() + end, number);
    if (error != std::errc{}) return std::nullopt;
    shape.push_back(number);
    at = static_cast<std::size_t>(stop - text.data());
  }
  return shape;
}

/// None if that many do not fit into memory.
std::optional<std::size_t> count_of(std::vector<std::size_t> const& shape) {
  std::size_t count = 1;
  for (auto const size : shape) {
    if (size != 0 && count > std::numeric_limits<std::size_t>::max() / sizeof(float) / size) return std::nullopt;
    count *= size;
  }
  return count;
}

struct Parts {
  std::string_view dictionary;
  std::string_view values;
};

/// None if it is no .npy file.
std::optional<Parts> parts_of(std::string_view bytes) {
  constexpr std::size_t shortest = 12;
  if (bytes.size() < shortest || !bytes.starts_with(magic)) return std::nullopt;
  auto const version = static_cast<unsigned char>(bytes[magic.size()]);
  if (version < 1 || version > 3) return std::nullopt;
  auto const begin = version == 1 ? 10U : 12U;
  std::size_t length = 0;
  for (auto at = begin; at-- > magic.size() + 2;) length = length << 8U | static_cast<unsigned char>(bytes[at]);
  if (length > bytes.size() - begin) return std::nullopt;
  return Parts{bytes.substr(begin, length), bytes.substr(begin + length)};
}

}  // namespace

std::string npy_of(NamedArray const& array) {
  std::string shape;
  for (auto const size : array.shape) shape += fmt::format("{}, ", size);
  if (array.shape.size() > 1) shape.resize(shape.size() - 2);
  if (array.shape.size() == 1) shape.pop_back();
  auto dictionary = fmt::format("{{'descr': '<f4', 'fortran_order': False, 'shape': ({}), }}", shape);
  auto const head = magic.size() + 4;
  dictionary.append((alignment - (head + dictionary.size() + 1) % alignment) % alignment, ' ').push_back('\n');
  ByteWriter length;
  length.number(static_cast<std::uint16_t>(dictionary.size()));
  auto bytes = std::string{magic}.append("\x01\x00", 2).append(length.take()).append(dictionary);
  return bytes.append(reinterpret_cast<char const*>(array.values.data()), array.values.size() * sizeof(float));
}

NamedArray read_npy(std::string const& path, std::string const& name, std::string_view bytes) {
  auto const parts = parts_of(bytes);
  if (!parts) refuse_model(path, fmt::format("its {} is no .npy file", name), "save it by numpy.savez");
  if (!value_of(parts->dictionary, "descr").starts_with("'<f4'"))
    refuse_model(path, fmt::format("its {} is not float32", name), "save its arrays after .astype('float32')");
  if (!value_of(parts->dictionary, "fortran_order").starts_with("False"))
    refuse_model(path, fmt::format("its {} is in Fortran order", name), "save numpy.ascontiguousarray of it");
  auto shape = shape_of(value_of(parts->dictionary, "shape"));
  auto const count = shape ? count_of(*shape) : std::nullopt;
  if (!count || *count * sizeof(float) != parts->values.size())
    refuse_model(path, fmt::format("its {} has another size than its shape says", name), "save it again");
  NamedArray array{std::move(*shape), std::vector<float>(*count)};
  if (*count > 0) std::memcpy(array.values.data(), parts->values.data(), parts->values.size());
  return array;
}

}  // namespace ballast::learn
