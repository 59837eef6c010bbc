// Journal scene: records to write, and what was read as texts that can be compared.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "ballast/core/digest.hpp"
#include "core/bytes.hpp"
#include "journal/journal.hpp"

namespace ballast::testing {

using Texts = std::vector<std::string>;

inline SolutionKept kept(std::uint64_t job, std::string bytes = "solution") {
  return {{JobId{job}, Attempt{1}}, Digest{job + 100}, Duration{5}, std::move(bytes)};
}
inline JobAbandoned abandoned(std::uint64_t job) {
  return {{JobId{job}, Attempt{3}}, Digest{job + 100}, 3, FailureKind::timed_out, "past its limit"};
}
inline SolutionApart apart(std::uint64_t job, std::string_view content) {
  return {{JobId{job}, Attempt{1}}, Digest{job + 100}, Duration{5}, content.size(), digest_of(content)};
}

/// A record of each kind, with values that tell their fields apart.
inline std::vector<Record> one_of_each() {
  return {RunDescribed{"upper of words.txt", "0.1.0"},
          RunStarted{1'700'000'000, 2},
          SolutionKept{{JobId{1}, Attempt{2}}, Digest{3}, Duration{4}, std::string{"by\0tes", 6}},
          SolutionApart{{JobId{5}, Attempt{6}}, Digest{7}, Duration{8}, 9, Digest{10}},
          JobAbandoned{{JobId{11}, Attempt{12}}, Digest{13}, 14, FailureKind::timed_out, "past its limit"},
          JobRevived{JobId{11}},
          JobAbandoned{{JobId{11}, Attempt{13}}, Digest{13}, 1, FailureKind::refused, "status 1", Payload{"half"}},
          JobAbandoned{{JobId{12}, Attempt{1}}, Digest{14}, 1, FailureKind::crashed, "", PrintedApart{15, Digest{16}}}};
}

/// All that a record says.
struct TextOf {
  std::string operator()(RunDescribed const& run) const { return run.identity + "/" + run.program; }
  std::string operator()(RunStarted const& start) const {
    return std::to_string(start.at) + "/" + std::to_string(start.requeued);
  }
  std::string operator()(SolutionKept const& it) const { return text(it.name, it.input, it.runtime) + it.bytes; }
  std::string operator()(SolutionApart const& it) const {
    return text(it.name, it.input, it.runtime) + std::to_string(it.size) + "/" + std::to_string(it.content.value());
  }
  std::string operator()(JobAbandoned const& it) const {
    return text(it.last, it.input, {}) + std::to_string(it.failures) + "/" + std::to_string(static_cast<int>(it.kind)) +
           "/" + it.reason + std::visit(*this, it.printed);
  }
  std::string operator()(NothingPrinted) const { return {}; }
  std::string operator()(Payload const& printed) const { return "/" + printed; }
  std::string operator()(PrintedApart const& printed) const {
    return "/" + std::to_string(printed.size) + "/" + std::to_string(printed.content.value());
  }
  std::string operator()(JobRevived const& it) const { return std::to_string(it.job.value()); }

 private:
  static std::string text(JobAttempt name, Digest input, Duration runtime) {
    return std::to_string(name.job.value()) + "." + std::to_string(name.attempt.value()) + "/" +
           std::to_string(input.value()) + "/" + std::to_string(runtime.count()) + "/";
  }
};
inline std::string text_of(Record const& record) {
  return std::to_string(record.index()) + ":" + std::visit(TextOf{}, record);
}

inline Texts texts_of(std::vector<Record> const& records) {
  Texts texts;
  for (auto const& record : records) texts.push_back(text_of(record));
  return texts;
}
inline Texts texts_in(Storage const& storage) {
  Texts texts;
  read_journal(storage, [&](Record const& record) { texts.push_back(text_of(record)); });
  return texts;
}

/// What a record on disk looks like, written down once more.
inline std::string framed(std::uint8_t kind, std::string_view body) {
  ByteWriter checked;
  checked.number(static_cast<std::uint32_t>(body.size()));
  checked.number(kind);
  auto const rest = checked.take() + std::string{body};
  ByteWriter checksum;
  checksum.number(digest_of(rest).value());
  return checksum.take() + rest;
}

/// Writes records at the journal's end, durably.
inline void write_records(Storage& storage, std::vector<Record> const& records) {
  JournalWriter writer{storage};
  for (auto const& record : records) writer.write(encode_record(record));
  writer.sync();
}

inline void write_file(Storage& storage, std::string const& name, std::string_view bytes) {
  auto const file = storage.append_to(name);
  file->append(bytes);
  file->sync();
  storage.sync_names();
}

}  // namespace ballast::testing
