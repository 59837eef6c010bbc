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

/// Reads the journal from its beginning and hands over every good record, in order. Only reads: for what comes after a
/// record that is torn or damaged see mend_journal(). Returns the offset behind the last good record (0: no journal).
/// Throws InputOutputError if the file is no journal of Ballast, or of a later version.
std::uint64_t read_journal(Storage const& storage, std::function<void(Record&&)> const& take);

/// Cuts the journal behind its last good record, and puts aside what was there; removes solution files that no record
/// names. To be called before it is written to.
Mended mend_journal(Storage& storage);

/// The journal opened for writing; begins it, with its header, if there is none. Expects that it was mended.
class JournalWriter {
 public:
  explicit JournalWriter(Storage& storage);
  /// Writes what encode_record() has made. Not durable before sync().
  void write(std::string_view records);
  void sync();

 private:
  std::unique_ptr<AppendFile> file_;
};

}  // namespace ballast
