// Learn wire: what the nodes need of a dataset or a model, as parts of a state, and rows as jobs.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <ballast/core/instruction_level.hpp>
#include <ballast/core/payload.hpp>
#include <ballast/learn/dataset.hpp>

namespace app {

/// With the instruction level that all nodes compute at: the Main Node's.
[[nodiscard]] ballast::Payload pack_dataset(ballast::learn::DatasetView const& rows, ballast::InstructionLevel level);

/// Packed rows, used where they are.
struct PackedRows {
  ballast::InstructionLevel level{};
  ballast::learn::DatasetView rows;  ///< of the bytes, which are to stay
};
/// `bytes` lie as memory that was allocated does. Throws InputOutputError if this node's processor is older than the
/// Main Node's.
[[nodiscard]] PackedRows view_packed(std::string_view bytes);

/// Throws InputOutputError if this processor has not got it.
[[nodiscard]] ballast::InstructionLevel level_here(std::string_view name);

template <class T>
[[nodiscard]] std::string_view bytes_of(std::span<T const> values) {
  return {reinterpret_cast<char const*>(values.data()), values.size_bytes()};
}
template <class T>
[[nodiscard]] std::string_view bytes_of(std::vector<T> const& values) {
  return bytes_of(std::span<T const>{values});
}

/// Throws EngineError if the bytes are no whole number of them.
template <class T>
[[nodiscard]] std::vector<T> values_of(std::string_view bytes);
template <>
[[nodiscard]] std::vector<float> values_of(std::string_view bytes);
template <>
[[nodiscard]] std::vector<std::uint32_t> values_of(std::string_view bytes);

}  // namespace app
