// Journal: the file of records; read once when a run begins, and from then on written at its end.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "journal/record.hpp"
#include "journal/storage.hpp"

namespace ballast {

inline constexpr char const* journal_file = "journal";

/// What was wrong with a journal and has been mended: everything behind the last good record was cut off, and put
/// aside.
struct Mended {
  std::uint64_t bytes{};  ///< that were cut off; 0 = nothing was wrong
  std::string kept_as{};  ///< the file that has them now
};

/// Reads the journal from its beginning and hands over every good record, in order, with memory for the largest. Only
/// reads: for what comes after a record that is torn or damaged see mend_journal(). Returns the offset behind the last
/// good record (0: no journal, or one whose header is torn). Throws InputOutputError if the file is no journal of
/// Ballast, or of a later version, and what `take` throws.
std::uint64_t read_journal(Storage const& storage, std::function<void(Record&&)> const& take);

/// Cuts the journal behind its last good record, puts aside what was there (`journal.damaged-1`, -2 …), and removes
/// solution files that no record names. Durable when it returns. To be called before the journal is written to. Throws
/// as read_journal does.
Mended mend_journal(Storage& storage);

/// Whether the solution's file is there and has the bytes it should; reads it in pieces.
[[nodiscard]] bool solution_file_good(Storage const& storage, ApartFile const& file);

/// The journal opened for writing; begins it, with its header, if there is none. Expects that it was mended. After
/// anything was thrown, no more may be written.
class JournalWriter {
 public:
  explicit JournalWriter(Storage& storage);
  /// Writes what encode_record() has made. Not durable before sync().
  void write(std::string_view records);
  void sync();
  /// Makes durable which files there are.
  void sync_names();

 private:
  Storage* storage_;
  std::unique_ptr<AppendFile> file_;
};

}  // namespace ballast
