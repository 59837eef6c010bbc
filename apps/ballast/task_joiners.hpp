// Task joiners: where the outputs of commands go.
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <string>

#include <ballast/problem/joiner.hpp>

namespace app {

/// Puts the job's tag and a tab before each line of what it hands on.
[[nodiscard]] std::unique_ptr<ballast::Joiner> make_tagging_joiner(std::unique_ptr<ballast::Joiner> joiner,
                                                                   std::function<std::string(ballast::JobId)> tag);

/// Where a job's output is, and what it printed on stderr: FOLDER/SEQ/stdout and FOLDER/SEQ/stderr, SEQ = id + 1.
[[nodiscard]] std::filesystem::path output_file(std::filesystem::path const& folder, ballast::JobId job,
                                                std::string_view stream);

/// Writes each job's solution to its output file. Throws InputOutputError if it cannot.
[[nodiscard]] std::unique_ptr<ballast::Joiner> make_folder_joiner(std::filesystem::path folder);

/// Writes a whole file. Throws InputOutputError.
void write_output(std::filesystem::path const& file, std::string_view bytes);

}  // namespace app
