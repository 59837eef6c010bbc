// A line of terms, and behind it the numbers as they are in memory.
#include "learn_wire.hpp"

#include <fmt/format.h>

#include <cstring>
#include <sstream>

#include <ballast/core/error.hpp>

namespace app {
namespace {

using ballast::learn::DatasetView;

constexpr std::size_t head_size = 128;  // a line of terms, and as many spaces as it takes to align what follows

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
std::span<T const> cut(std::string_view& bytes, std::size_t count) {
  if (count > bytes.size() / sizeof(T)) refuse_bytes();
  auto const* const first = reinterpret_cast<T const*>(bytes.data());
  bytes.remove_prefix(count * sizeof(T));
  return {first, count};
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

ballast::Payload pack_dataset(DatasetView const& rows, ballast::InstructionLevel level) {
  ballast::Payload bytes;
  bytes.reserve(head_size + rows.features.size_bytes() + rows.labels.size_bytes());
  bytes += fmt::format("{} {} {} {}", name_of(level), rows.rows(), rows.columns, rows.classes);
  bytes.resize(head_size, ' ');
  bytes += bytes_of(rows.features);
  bytes += bytes_of(rows.labels);
  return bytes;
}

PackedRows view_packed(std::string_view bytes) {
  if (bytes.size() < head_size || reinterpret_cast<std::uintptr_t>(bytes.data()) % alignof(float) != 0) refuse_bytes();
  std::istringstream words{std::string{bytes.substr(0, head_size)}};
  bytes.remove_prefix(head_size);
  std::string level;
  std::size_t count{};
  PackedRows packed;
  auto& rows = packed.rows;
  if (!(words >> level >> count >> rows.columns >> rows.classes)) refuse_bytes();
  if (rows.columns == 0 || count > bytes.size() / rows.columns) refuse_bytes();
  packed.level = level_here(level);
  rows.features = cut<float>(bytes, count * rows.columns);
  rows.labels = cut<std::uint32_t>(bytes, count);
  if (!bytes.empty()) refuse_bytes();
  return packed;
}

}  // namespace app
