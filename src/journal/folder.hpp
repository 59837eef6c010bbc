// Folder: making one, for its owner alone, and making durable what is in it; the sentences of its errors.
#pragma once

#include <filesystem>
#include <string_view>

#include "ballast/core/error.hpp"
#include "core/descriptor.hpp"

namespace ballast {

/// `what` is "read" or "write"; the remedy goes by the error.
[[nodiscard]] InputOutputError cannot(std::string_view what, std::filesystem::path const& path, int error);

/// Opens with O_CLOEXEC; what is made is for its owner alone. Throws InputOutputError.
[[nodiscard]] Descriptor open_private(std::filesystem::path const& path, int flags);

/// Makes the folder, and those above it, durably, if it is not there. Throws InputOutputError.
void make_folder(std::filesystem::path const& path);

/// Makes durable which files the folder has. Throws InputOutputError.
void sync_folder(std::filesystem::path const& path);

}  // namespace ballast
