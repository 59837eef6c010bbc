// The journal's bytes: reading up to the first damage, mending, appending. FORMAT.md has the words.
#include "journal/journal.hpp"

#include <algorithm>
#include <set>

#include "ballast/core/digest.hpp"
#include "ballast/core/error.hpp"
#include "core/bytes.hpp"

namespace ballast {
namespace {

constexpr std::string_view magic = "ballastj";
constexpr std::uint32_t format_version = 2;
constexpr std::size_t header_size = 12;
constexpr std::size_t piece_size = std::size_t{1} << 20;

std::string header() {
  ByteWriter version;
  version.number(format_version);
  return std::string{magic} + version.take();
}

/// What a crash leaves of a header that was being written: its first bytes, and zeros or nothing for the others.
bool is_torn_header(std::string_view bytes) {
  auto const whole = header();
  if (bytes.size() > header_size || bytes == whole) return false;
  auto const differs = std::ranges::mismatch(bytes, whole).in1;
  return std::all_of(differs, bytes.end(), [](char byte) { return byte == '\0'; });
}

void expect_ours(std::string_view bytes) {
  if (bytes == header()) return;
  if (bytes.size() < header_size || !bytes.starts_with(magic)) {
    throw InputOutputError{"cannot read the journal", "the file is no journal of Ballast, or its beginning is damaged",
                           "name another --run-dir"};
  }
  auto const version = ByteReader{bytes.substr(magic.size())}.number<std::uint32_t>();
  throw InputOutputError{"cannot read the journal",
                         "it has format version " + std::to_string(version) + ", and this Ballast knows only " +
                             std::to_string(format_version),
                         "resume with the Ballast that began the run, or name another --run-dir"};
}

/// A file read from front to back, through a window that holds a piece or what is asked for.
class Window {
 public:
  Window(Storage const& storage, std::string name)
      : storage_{storage}, name_{std::move(name)}, size_{storage.exists(name_) ? storage.size(name_) : 0} {}

  [[nodiscard]] std::uint64_t size() const { return size_; }
  /// Fewer bytes only at the end of the file.
  [[nodiscard]] std::string_view bytes(std::uint64_t offset, std::uint64_t size) {
    size = std::min(size, size_ - offset);
    if (offset < begin_ || offset + size > begin_ + loaded_.size()) load(offset, size);
    return std::string_view{loaded_}.substr(std::min<std::size_t>(offset - begin_, loaded_.size()), size);
  }

 private:
  void load(std::uint64_t offset, std::uint64_t size) {
    loaded_ = {};  // before there is a second one
    loaded_ = storage_.read(name_, offset, std::max<std::size_t>(size, piece_size));
    begin_ = offset;
  }

  Storage const& storage_;
  std::string name_;
  std::uint64_t size_;
  std::uint64_t begin_ = 0;
  std::string loaded_;
};

/// Copies the end of the journal to a file that was not there, durably, and returns its name.
std::string put_aside(Storage& storage, std::uint64_t from) {
  std::string name;
  for (int number = 1; name.empty() || storage.exists(name); ++number) {
    name = std::string{journal_file} + ".damaged-" + std::to_string(number);
  }
  auto const file = storage.append_to(name);
  Window window{storage, journal_file};
  for (auto offset = from; offset < window.size(); offset += piece_size) {
    file->append(window.bytes(offset, piece_size));
  }
  file->sync();
  storage.sync_names();
  return name;
}

void remove_others(Storage& storage, std::set<JobAttempt> const& named) {
  std::set<std::string> wanted;
  for (auto const& name : named) wanted.insert(solution_file(name));
  auto changed = false;
  for (auto const& file : storage.list("solutions")) {
    auto const name = "solutions/" + file;
    if (wanted.contains(name)) continue;
    storage.remove(name);
    changed = true;
  }
  if (changed) storage.sync_names();
}

/// Which solution files are named by records, and not only by ones that are void.
class NamedFiles {
 public:
  void take(Record const& record) {
    if (auto const file = apart_file(record)) names_.insert(file->name);
    if (auto const* const revived = std::get_if<JobRevived>(&record)) {
      std::erase_if(names_, [&](JobAttempt name) { return name.job == revived->job; });
    }
  }
  [[nodiscard]] std::set<JobAttempt> const& names() const { return names_; }

 private:
  std::set<JobAttempt> names_;
};

}  // namespace

std::uint64_t read_journal(Storage const& storage, std::function<void(Record&&)> const& take) {
  Window window{storage, journal_file};
  auto const beginning = window.bytes(0, header_size);
  if (window.size() <= header_size && is_torn_header(beginning)) return 0;
  expect_ours(beginning);
  std::uint64_t good = header_size;
  for (;;) {
    auto const head = window.bytes(good, record_head);
    if (head.size() < record_head) return good;
    auto const size = announced_body(head);
    if (size > largest_body || size > window.size() - good - record_head) return good;
    auto record = decode_record(window.bytes(good, record_head + size));
    if (!record) return good;
    take(std::move(*record));
    good += record_head + size;
  }
}

Mended mend_journal(Storage& storage) {
  NamedFiles named;
  auto const good = read_journal(storage, [&](Record const& record) { named.take(record); });
  auto const size = storage.exists(journal_file) ? storage.size(journal_file) : 0;
  Mended mended{.bytes = size - good};
  if (mended.bytes > 0) {
    mended.kept_as = put_aside(storage, good);
    storage.truncate(journal_file, good);
  }
  remove_others(storage, named.names());
  return mended;
}

bool solution_file_good(Storage const& storage, ApartFile const& file) {
  auto const name = solution_file(file.name);
  if (!storage.exists(name) || storage.size(name) != file.size) return false;
  RunningDigest digest;
  for (std::uint64_t offset = 0; offset < file.size; offset += piece_size) {
    digest.add(storage.read(name, offset, piece_size));
  }
  return digest.value() == file.content;
}

JournalWriter::JournalWriter(Storage& storage) : storage_{&storage} {
  auto const begun = storage.exists(journal_file) && storage.size(journal_file) > 0;
  file_ = storage.append_to(journal_file);
  if (!begun) file_->append(header());
  file_->sync();  // also what the last run wrote and could not sync: it has been read, and counts
  storage.sync_names();
}

void JournalWriter::write(std::string_view records) { file_->append(records); }

void JournalWriter::sync() { file_->sync(); }

void JournalWriter::sync_names() { storage_->sync_names(); }

}  // namespace ballast
