// Text splitter: files and streams of records as jobs. Every byte of the input is in exactly one job, unchanged.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <variant>
#include <vector>

#include "ballast/problem/splitter.hpp"

namespace ballast {

/// The byte that ends a record. The last record of an input may lack it.
enum class RecordEnd : char { newline = '\n', null = '\0' };

/// As many whole records as fit; a longer record is a job of its own. Expects limit ≥ 1.
struct BatchBytes {
  std::uint64_t limit = 64 * 1024;
};

/// So many records; the last job of an input may have fewer. Expects count ≥ 1.
struct BatchRecords {
  std::uint64_t count = 1;
};

using Batch = std::variant<BatchBytes, BatchRecords>;

/// What travels to a node: the records, or where they are (reference.hpp).
enum class JobContent { records, reference };

struct TextOptions {
  std::vector<std::string> inputs;  ///< paths; `-`, or no input at all, is standard input
  RecordEnd record_end = RecordEnd::newline;
  Batch batch = BatchBytes{};
  JobContent content = JobContent::records;
  /// Where standard input is kept; empty: nowhere. Its folder has to be there.
  std::filesystem::path keep{};
};

/// Jobs are cut by the bytes and the options alone, and none spans two inputs. Regular files are indexed here, with
/// memory that does not depend on their size. When an input is anything else, all of them are streamed, with memory for
/// two jobs or so. Throws InputOutputError if an input is missing, unreadable or a directory, before any is read, and
/// later if one changes; UsageError for references into something that is no regular file.
/// Standard input that is to be kept is first copied whole to options.keep, and from then on it is that file; if the
/// file is there already, standard input is not read.
[[nodiscard]] Splitter make_text_splitter(TextOptions const& options);

/// What makes the dataset the same: names without folders and sizes of the inputs, and the options that shape jobs. Not
/// when files were changed, for a copy is as good, and what is in them shows in the digests of jobs; but by reference
/// it is all that is known of the contents, and counts. Standard input is that, whether it is kept or not. Looks at the
/// inputs: for the Main Node only. Throws as make_text_splitter does.
[[nodiscard]] std::string identity(TextOptions const& options);

}  // namespace ballast
