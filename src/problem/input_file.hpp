// Input file: a dataset's file as it was when the run began.
#pragma once

#include <cstdint>
#include <string>

#include "core/descriptor.hpp"

namespace ballast {

struct InputFile {
  std::string path;
  std::uint64_t size{};
  std::int64_t modified_ns{};  ///< since 1970
};

/// What an input is, found without reading it (a FIFO is not opened, either).
enum class InputKind {
  file,    ///< can be read at any offset, and has a size
  stream,  ///< can be read once: a pipe, a device, a file of /proc
};

/// Throws InputOutputError if it is missing, unreadable or a directory.
[[nodiscard]] InputKind kind_of_input(std::string const& path);

/// Opens a path for reading. Throws InputOutputError.
[[nodiscard]] Descriptor open_input(std::string const& path);

/// Size and time of change now.
[[nodiscard]] InputFile facts_of(Descriptor const& opened, std::string const& path);

/// Reads bytes that must be there. Throws InputOutputError if the file is not what it was.
void read_input(Descriptor const& opened, InputFile const& file, std::uint64_t offset, char* into, std::size_t size);

/// The same for a stream: what comes next, 0 at its end.
[[nodiscard]] std::size_t read_stream(int descriptor, std::string const& path, char* into, std::size_t size);

}  // namespace ballast
