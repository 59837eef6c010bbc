// Learn flags: what train and predict are both told about rows, and how to compute with them.
#pragma once

#include <CLI/CLI.hpp>
#include <cstddef>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include <ballast/core/instruction_level.hpp>
#include <ballast/learn/dataset_file.hpp>

namespace app {

/// Where rows come from.
struct RowSource {
  std::string images;
  std::string csv;  ///< instead of images
  bool header{false};
  std::optional<std::size_t> label_column;
};

[[nodiscard]] ballast::learn::CsvOptions csv_options(RowSource const& source);

class LearnFlags {
 public:
  /// Adds the options to a group; they are read by the others.
  LearnFlags(CLI::App& files, std::string const& images_text, std::string const& label_column_text);
  void add_level(CLI::App& group);

  [[nodiscard]] RowSource source() const;
  /// Throws UsageError if this processor has not got the level that was asked for.
  [[nodiscard]] ballast::InstructionLevel level() const;
  void describe(nlohmann::ordered_json& config) const;

 private:
  RowSource source_;
  std::size_t label_column_{0};
  std::string isa_{"auto"};
};

}  // namespace app
