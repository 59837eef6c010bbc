// Reference: a job that says where its records are, for nodes that can read the dataset themselves.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "ballast/core/payload.hpp"

namespace ballast {

struct Reference {
  std::string path;        ///< absolute, as the Main Node sees it
  std::uint64_t offset{};  ///< of the first byte
  std::uint64_t length{};
  std::uint64_t file_size{};   ///< of the whole file, and
  std::int64_t modified_ns{};  ///< its time of change, since 1970: a node checks that its file is the same one

  friend bool operator==(Reference const&, Reference const&) = default;
};

[[nodiscard]] Payload encode_reference(Reference const& reference);

/// The bytes that an encoded reference stands for. Throws InputOutputError if the file is missing here or is not the
/// one the Main Node saw, EngineError if `payload` is no reference.
[[nodiscard]] std::string resolve_reference(std::string_view payload);

}  // namespace ballast
