// References on the wire, and what a node makes of them.
#include "ballast/problem/reference.hpp"

#include <fmt/format.h>

#include <array>
#include <cstring>

#include "ballast/core/error.hpp"
#include "problem/input_file.hpp"

namespace ballast {
namespace {

constexpr std::string_view magic = "ballast reference 1\n";  // a new layout gets a new number

using Numbers = std::array<std::uint64_t, 4>;  // offset, length, file size, time of change; in the machine's order

constexpr char const* remedy = "give all nodes the same file, or leave out --by-reference";

Reference decode_reference(std::string_view payload) {
  Numbers numbers{};
  if (!payload.starts_with(magic) || payload.size() <= magic.size() + sizeof numbers) {
    throw EngineError{"cannot read a job by reference", "it is not a reference",
                      "check that all ranks run the same build"};
  }
  payload.remove_prefix(magic.size());
  std::memcpy(numbers.data(), payload.data(), sizeof numbers);
  payload.remove_prefix(sizeof numbers);
  return {std::string{payload}, numbers[0], numbers[1], numbers[2], static_cast<std::int64_t>(numbers[3])};
}

void expect_same_file(Reference const& reference, InputFile const& here) {
  auto const what = "cannot use " + reference.path + " on this node";
  if (here.size != reference.file_size) {
    throw InputOutputError{
        what, fmt::format("its size is {} bytes here and {} on the main node", here.size, reference.file_size), remedy};
  }
  if (here.modified_ns != reference.modified_ns) {
    throw InputOutputError{what, "it was changed at another time than the main node's", remedy};
  }
}

}  // namespace

Payload encode_reference(Reference const& reference) {
  Numbers const numbers{reference.offset, reference.length, reference.file_size,
                        static_cast<std::uint64_t>(reference.modified_ns)};
  Payload payload{magic};
  payload.append(reinterpret_cast<char const*>(numbers.data()), sizeof numbers);
  return payload.append(reference.path);
}

std::string resolve_reference(std::string_view payload) {
  auto const reference = decode_reference(payload);
  auto const opened = open_input(reference.path);
  auto const here = facts_of(opened, reference.path);
  expect_same_file(reference, here);
  if (reference.length > here.size || reference.offset > here.size - reference.length) {
    throw EngineError{"cannot read a job by reference", "it lies outside " + reference.path,
                      "check that all ranks run the same build"};
  }
  std::string bytes(reference.length, '\0');
  read_input(opened, here, reference.offset, bytes.data(), bytes.size());
  return bytes;
}

}  // namespace ballast
