// Which inputs are indexed, and which are streamed.
#include "ballast/problem/text_splitter.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

#include "ballast/core/contract.hpp"
#include "ballast/core/error.hpp"
#include "problem/input_file.hpp"
#include "problem/text_index.hpp"
#include "problem/text_keep.hpp"
#include "problem/text_stream.hpp"

namespace ballast {
namespace {

/// The options with standard input by its name.
TextOptions spelled_out(TextOptions options) {
  if (options.inputs.empty()) options.inputs.emplace_back("-");
  return options;
}

InputKind kind_of(std::string const& input) { return input == "-" ? InputKind::stream : kind_of_input(input); }

std::string describe(std::string const& input, JobContent content) {
  if (input == "-") return "standard input";
  if (kind_of(input) == InputKind::stream) return input;
  auto const facts = facts_of(open_input(input), input);
  auto text = fmt::format("{} ({} bytes", std::filesystem::path{input}.filename().string(), facts.size);
  if (content == JobContent::reference) {
    text += fmt::format(", changed {}.{:09}", facts.modified_ns / 1'000'000'000, facts.modified_ns % 1'000'000'000);
  }
  return text + ")";
}

struct DescribeBatch {
  std::string operator()(BatchBytes batch) const { return fmt::format("batches of {} bytes", batch.limit); }
  std::string operator()(BatchRecords batch) const { return fmt::format("batches of {} records", batch.count); }
};

struct Expected {
  bool operator()(BatchBytes batch) const { return batch.limit >= 1; }
  bool operator()(BatchRecords batch) const { return batch.count >= 1; }
};

/// The inputs that can be read only once, and are not kept. Throws if any input cannot be read.
std::vector<std::string> streams_of(TextOptions const& options) {
  std::vector<std::string> streams;
  for (auto const& input : options.inputs) {
    auto const kept = input == "-" && !options.keep.empty();
    if (!kept && kind_of(input) == InputKind::stream) streams.push_back(input);
  }
  return streams;
}

/// With the file that is kept in the place of standard input, which is at its end when it is named again.
TextOptions with_kept_input(TextOptions options) {
  auto const first = std::ranges::find(options.inputs, "-");
  if (options.keep.empty() || first == options.inputs.end()) return options;
  keep_standard_input(options.keep);
  *first = options.keep.string();
  options.inputs.erase(std::remove(first + 1, options.inputs.end(), "-"), options.inputs.end());
  return options;
}

}  // namespace

Splitter make_text_splitter(TextOptions const& options) {
  BALLAST_EXPECT(std::visit(Expected{}, options.batch));
  auto const wanted = spelled_out(options);
  auto const streams = streams_of(wanted);  // what is wrong is told before the long wait for standard input
  if (!streams.empty() && options.content == JobContent::reference) {
    auto const name = streams.front() == "-" ? "standard input" : streams.front();
    throw UsageError{"cannot send " + name + " by reference", "it is no regular file",
                     "name files, or leave out --by-reference"};
  }
  auto readable = with_kept_input(wanted);
  if (streams.empty()) return std::make_unique<IndexedText>(std::move(readable));
  return std::make_unique<StreamedText>(std::move(readable));
}

std::string identity(TextOptions const& options) {
  std::string text;
  for (auto const& input : spelled_out(options).inputs) {
    text += describe(input, options.content) + ", ";
  }
  text += options.record_end == RecordEnd::null ? "NUL-ended records, " : "lines, ";
  text += std::visit(DescribeBatch{}, options.batch);
  if (options.content == JobContent::reference) text += ", by reference";
  return text;
}

}  // namespace ballast
