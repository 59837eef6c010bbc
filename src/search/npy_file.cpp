// .npy: a matrix as NumPy saves it (format versions 1 to 3), in C order.
#include <algorithm>
#include <charconv>
#include <optional>

#include "search/strided_file.hpp"

namespace ballast {
namespace {

constexpr std::string_view magic = "\x93NUMPY";
constexpr std::uint64_t longest_header = 1 << 20;

class NpyFile final : public StridedFile {
 public:
  using StridedFile::StridedFile;

 private:
  void check_prefix(std::uint64_t, char const*) const override {}
};

/// The dictionary in the file's head, and where it ends.
struct Head {
  std::string dictionary;
  std::uint64_t end{};
};

Head read_head(OpenedFile const& file) {
  unsigned char start[12] = {};
  if (file.size() < sizeof start) file.refuse("it is too short for .npy");
  file.read(0, start, sizeof start);
  if (!std::equal(magic.begin(), magic.end(), start, [](char a, unsigned char b) { return a == static_cast<char>(b); }))
    file.refuse("it is no .npy file");
  auto const version = start[6];
  if (version < 1 || version > 3) file.refuse("its .npy version is " + std::to_string(version) + ", known are 1 to 3");
  auto const length_bytes = version == 1 ? 2U : 4U;
  std::uint64_t length = 0;
  for (auto i = length_bytes; i-- > 0;) length = length << 8U | start[8 + i];
  auto const begin = 8 + length_bytes;
  if (length > longest_header || length > file.size() - begin) file.refuse("its .npy header is longer than the file");
  Head head{std::string(length, '\0'), begin + length};
  file.read(begin, head.dictionary.data(), length);
  return head;
}

/// What stands behind a key of the dictionary.
std::string_view value_of(OpenedFile const& file, std::string_view dictionary, std::string_view key) {
  auto const place = dictionary.find("'" + std::string{key} + "'");
  auto const colon = place == std::string_view::npos ? place : dictionary.find(':', place);
  if (colon == std::string_view::npos) file.refuse("its .npy header has no " + std::string{key});
  auto const value = dictionary.find_first_not_of(' ', colon + 1);
  return value == std::string_view::npos ? std::string_view{} : dictionary.substr(value);
}

VectorElement element_of(OpenedFile const& file, std::string_view value) {
  constexpr std::pair<std::string_view, VectorElement> known[] = {{"'<f4'", VectorElement::float32},
                                                                  {"'<f8'", VectorElement::float64},
                                                                  {"'|u1'", VectorElement::uint8},
                                                                  {"'<i4'", VectorElement::int32},
                                                                  {"'<i8'", VectorElement::int64}};
  for (auto const& [name, element] : known)
    if (value.starts_with(name)) return element;
  file.refuse("its elements are " + std::string{value.substr(0, value.find(','))} + ", known are <f4 <f8 |u1 <i4 <i8");
}

/// `(rows, dimension)`; none if it is not that.
std::optional<std::pair<std::uint64_t, std::uint64_t>> shape_of(std::string_view value) {
  std::uint64_t numbers[2] = {};
  auto const* at = value.data();
  auto const* const end = at + value.size();
  for (auto i = 0; i < 2; ++i) {
    if (at == end || *at != (i == 0 ? '(' : ',')) return std::nullopt;
    for (++at; at != end && *at == ' ';) ++at;
    auto const [next, error] = std::from_chars(at, end, numbers[i]);
    if (error != std::errc{}) return std::nullopt;
    at = next;
  }
  if (at != end && *at == ',') ++at;
  if (at == end || *at != ')') return std::nullopt;
  return std::pair{numbers[0], numbers[1]};
}

Stride stride_of(OpenedFile const& file) {
  auto const head = read_head(file);
  if (value_of(file, head.dictionary, "fortran_order").starts_with("True"))
    file.refuse("it is in Fortran order; save numpy.ascontiguousarray of it");
  auto const shape = shape_of(value_of(file, head.dictionary, "shape"));
  if (!shape) file.refuse("it is no matrix: its shape is not (rows, dimension)");
  if (shape->second < 1 || shape->second > static_cast<std::uint64_t>(largest_dimension))
    file.refuse("its dimension is " + std::to_string(shape->second) + ", possible are 1 to " +
                std::to_string(largest_dimension));
  Stride stride{.begin = head.end,
                .rows = shape->first,
                .dimension = shape->second,
                .element = element_of(file, value_of(file, head.dictionary, "descr"))};
  stride.stride = stride.dimension * size_of(stride.element);
  if (auto const whole = (file.size() - stride.begin) / stride.stride; whole < stride.rows)
    file.refuse_row(whole, "is short: the file ends before or within it");
  return stride;
}

}  // namespace

std::unique_ptr<VectorFile> make_npy_file(std::string const& path) {
  OpenedFile file{path};
  auto const stride = stride_of(file);
  return std::make_unique<NpyFile>(std::move(file), stride);
}

}  // namespace ballast
