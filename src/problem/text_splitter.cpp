// Which inputs are indexed, and which are streamed.
#include "ballast/problem/text_splitter.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

#include "ballast/core/contract.hpp"
#include "ballast/core/error.hpp"
#include "problem/input_file.hpp"
#include "problem/text_index.hpp"
#include "problem/text_stream.hpp"

namespace ballast {
namespace {

/// The options with standard input by its name.
TextOptions spelled_out(TextOptions options) {
  if (options.inputs.empty()) options.inputs.emplace_back("-");
  return options;
}

InputKind kind_of(std::string const& input) { return input == "-" ? InputKind::stream : kind_of_input(input); }

std::string describe(std::string const& input) {
  if (kind_of(input) == InputKind::stream) return input;
  auto const facts = facts_of(open_input(input), input);
  return fmt::format("{} ({} bytes, changed {}.{:09})", std::filesystem::path{input}.filename().string(), facts.size,
                     facts.modified_ns / 1'000'000'000, facts.modified_ns % 1'000'000'000);
}

struct DescribeBatch {
  std::string operator()(BatchBytes batch) const { return fmt::format("batches of {} bytes", batch.limit); }
  std::string operator()(BatchRecords batch) const { return fmt::format("batches of {} records", batch.count); }
};

struct Expected {
  bool operator()(BatchBytes batch) const { return batch.limit >= 1; }
  bool operator()(BatchRecords batch) const { return batch.count >= 1; }
};

}  // namespace

Splitter make_text_splitter(TextOptions const& options) {
  BALLAST_EXPECT(std::visit(Expected{}, options.batch));
  auto wanted = spelled_out(options);
  std::vector<std::string> streams;
  for (auto const& input : wanted.inputs) {
    if (kind_of(input) == InputKind::stream) streams.push_back(input);
  }
  if (streams.empty()) return std::make_unique<IndexedText>(std::move(wanted));
  if (options.content == JobContent::reference) {
    auto const name = streams.front() == "-" ? "standard input" : streams.front();
    throw UsageError{"cannot send " + name + " by reference", "it is no regular file",
                     "name files, or leave out --by-reference"};
  }
  return std::make_unique<StreamedText>(std::move(wanted));
}

std::string identity(TextOptions const& options) {
  std::string text;
  for (auto const& input : spelled_out(options).inputs) text += describe(input) + ", ";
  text += options.record_end == RecordEnd::null ? "NUL-ended records, " : "lines, ";
  text += std::visit(DescribeBatch{}, options.batch);
  if (options.content == JobContent::reference) text += ", by reference";
  return text;
}

}  // namespace ballast
