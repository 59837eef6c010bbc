// A line of terms, and behind it the numbers as they are in memory.
#include "learn_wire.hpp"

#include <fmt/format.h>

#include <cstring>
#include <sstream>

#include <ballast/core/error.hpp>

namespace app {
namespace {

using ballast::learn::Dataset;

[[noreturn]] void refuse_bytes() {
  throw ballast::EngineError{"what a node was sent is no dataset", "", "please report this as a bug of Ballast"};
}

template <class T>
std::vector<T> numbers_in(std::string_view bytes) {
  if (bytes.size() % sizeof(T) != 0) refuse_bytes();
  std::vector<T> values(bytes.size() / sizeof(T));
  if (!values.empty()) std::memcpy(values.data(), bytes.data(), bytes.size());
  return values;
}

/// Takes `count` numbers from the front of the bytes.
template <class T>
std::vector<T> cut(std::string_view& bytes, std::size_t count) {
  if (count > bytes.size() / sizeof(T)) refuse_bytes();
  auto values = numbers_in<T>(bytes.substr(0, count * sizeof(T)));
  bytes.remove_prefix(count * sizeof(T));
  return values;
}

}  // namespace

template <>
std::vector<float> values_of(std::string_view bytes) {
  return numbers_in<float>(bytes);
}

template <>
std::vector<std::uint32_t> values_of(std::string_view bytes) {
  return numbers_in<std::uint32_t>(bytes);
}

ballast::InstructionLevel level_here(std::string_view name) {
  auto const level = ballast::parse_level(name);
  if (level > ballast::native_level())
    throw ballast::InputOutputError{fmt::format("this node's processor has no {}", name),
                                    "the Main Node's has, and the model depends on it",
                                    "start the Main Node on the oldest of the processors"};
  return level;
}

ballast::Payload pack_dataset(Dataset const& dataset, ballast::InstructionLevel level) {
  auto const& features = dataset.features;
  auto bytes = fmt::format("{} {} {} {}\n", name_of(level), features.rows, features.columns, dataset.classes.size());
  bytes.reserve(bytes.size() + bytes_of(features.values).size() + bytes_of(dataset.labels).size() +
                bytes_of(dataset.classes).size());
  bytes += bytes_of(features.values);
  bytes += bytes_of(dataset.labels);
  bytes += bytes_of(dataset.classes);
  return bytes;
}

PackedDataset unpack_dataset(std::string_view bytes) {
  auto const end = bytes.find('\n');
  if (end == std::string_view::npos) refuse_bytes();
  std::istringstream words{std::string{bytes.substr(0, end)}};
  std::string level;
  PackedDataset packed;
  auto& features = packed.dataset.features;
  std::size_t classes{};
  if (!(words >> level >> features.rows >> features.columns >> classes)) refuse_bytes();
  bytes.remove_prefix(end + 1);
  packed.level = level_here(level);
  features.values = cut<float>(bytes, features.rows * features.columns);
  packed.dataset.labels = cut<std::uint32_t>(bytes, features.rows);
  packed.dataset.classes = cut<float>(bytes, classes);
  if (!bytes.empty()) refuse_bytes();
  return packed;
}

}  // namespace app
