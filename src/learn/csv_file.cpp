// CSV: numbers between commas, a row a line.
#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <string_view>

#include "ballast/core/error.hpp"
#include "ballast/learn/dataset_file.hpp"
#include "learn/gzip_input.hpp"

namespace ballast::learn {
namespace {

std::string_view trimmed(std::string_view text) {
  auto const begin = text.find_first_not_of(" \t\r");
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(" \t\r") - begin + 1);
}

/// The rows of one file as they come.
class CsvReader {
 public:
  CsvReader(std::string const& path, CsvHeader header) : file_{path}, header_{header} {}

  Dataset read(std::optional<std::size_t> label_column) {
    label_column_ = label_column;
    read_rows();
    return labelled(std::move(features_), labels_);
  }

  Matrix read_features() {
    has_labels_ = false;
    read_rows();
    return std::move(features_);
  }

 private:
  void read_rows() {
    std::string line;
    if (header_ == CsvHeader::present) {
      if (file_.read_line(line)) ++line_number_;
    }
    while (file_.read_line(line)) {
      ++line_number_;
      add(trimmed(line));
    }
    if (features_.rows == 0) file_.refuse("it has no rows", "give a file with a number for each feature, and a label");
  }

  void add(std::string_view line) {
    if (line.empty()) {
      blank_line_ = blank_line_ == 0 ? line_number_ : blank_line_;
      return;
    }
    if (blank_line_ != 0) file_.refuse(fmt::format("line {} is blank", blank_line_), "delete it");
    auto const fields = 1 + static_cast<std::size_t>(std::count(line.begin(), line.end(), ','));
    if (features_.rows == 0) begin(fields);
    if (fields != fields_)
      file_.refuse(fmt::format("line {} has {} numbers, the first row has {}", line_number_, fields, fields_),
                   "give every row as many");
    for (std::size_t field = 1; field <= fields; ++field) {
      auto const comma = std::min(line.find(','), line.size());
      auto const value = number(trimmed(line.substr(0, comma)), field);
      (field == label_field_ ? labels_ : features_.values).push_back(value);
      line.remove_prefix(std::min(comma + 1, line.size()));
    }
    ++features_.rows;
  }

  /// The first row says how many fields there are.
  void begin(std::size_t fields) {
    fields_ = fields;
    features_.columns = fields;
    if (!has_labels_) return;
    if (fields < 2) file_.refuse(fmt::format("line {} has one number", line_number_), "give features and a label");
    label_field_ = label_column_.value_or(fields);
    if (label_field_ < 1 || label_field_ > fields)
      throw UsageError{fmt::format("there is no label column {}", label_field_),
                       fmt::format("{} has {} columns", file_.path(), fields),
                       fmt::format("give --label-column 1 to {}", fields)};
    features_.columns = fields - 1;
  }

  [[nodiscard]] float number(std::string_view text, std::size_t field) const {
    auto const digits = text.starts_with('+') ? text.substr(1) : text;
    float value = 0;
    auto const* const end = digits.data() + digits.size();
    auto const [stop, error] = std::from_chars(digits.data(), end, value);
    if (error != std::errc{} || stop != end || !std::isfinite(value))
      file_.refuse(fmt::format("line {}, column {}: \"{}\" is not a finite number", line_number_, field, text),
                   line_number_ == 1 ? "correct it, or give --header if the first line names the columns"
                                     : "correct it, or leave the row out");
    return value;
  }

  GzipInput file_;
  CsvHeader header_;
  bool has_labels_ = true;
  std::optional<std::size_t> label_column_;
  std::size_t line_number_ = 0;
  std::size_t blank_line_ = 0;  // the first one; 0 is none
  std::size_t fields_ = 0;
  std::size_t label_field_ = 0;  // from 1; 0 is none
  Matrix features_;
  std::vector<float> labels_;
};

}  // namespace

Dataset read_csv(std::string const& path, CsvOptions const& options) {
  return CsvReader{path, options.header}.read(options.label_column);
}

Matrix read_csv_features(std::string const& path, CsvHeader header) { return CsvReader{path, header}.read_features(); }

}  // namespace ballast::learn
