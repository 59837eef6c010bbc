// Whatever happens to the file, a journal gives the records that were written, up to a point, and can go on.
#include "journal/journal.hpp"

#include "ballast/core/error.hpp"
#include "support/catch.hpp"
#include "support/journal_scene.hpp"
#include "support/memory_storage.hpp"
#include "support/thrown.hpp"

using namespace ballast;
using namespace ballast::testing;

namespace {

constexpr std::uint64_t header_size = 12;

std::vector<Record> few_records() {
  return {RunDescribed{"few", "0.1.0"}, kept(0, "a"), abandoned(1), JobRevived{JobId{1}}};
}

bool is_prefix(Texts const& front, Texts const& all) {
  return front.size() <= all.size() && std::equal(front.begin(), front.end(), all.begin());
}

std::string content(Storage const& storage, std::string const& name) {
  return storage.read(name, 0, storage.size(name));
}

}  // namespace

TEST_CASE("records are read in the order in which they were written, over several openings") {
  MemoryStorage storage;
  CHECK(read_journal(storage, [](Record&&) { FAIL("no record was written"); }) == 0);
  write_records(storage, few_records());
  write_records(storage, {kept(7)});
  auto expected = texts_of(few_records());
  expected.push_back(text_of(kept(7)));
  CHECK(texts_in(storage) == expected);
  CHECK(read_journal(storage, [](Record&&) {}) == storage.size(journal_file));
  CHECK(mend_journal(storage).bytes == 0);
}

TEST_CASE("records larger than what is read at a time, and many small ones, are whole") {
  MemoryStorage storage;
  std::vector<Record> records;
  for (std::uint64_t job = 0; job < 300; ++job) records.emplace_back(kept(job, std::string(10'007, 'x')));
  records.emplace_back(kept(300, std::string(5 << 20, 'y')));
  records.emplace_back(kept(301));
  write_records(storage, records);
  CHECK(texts_in(storage) == texts_of(records));
}

TEST_CASE("a journal cut anywhere gives a prefix of its records, and goes on behind them") {
  auto const all = texts_of(few_records());
  MemoryStorage whole;
  write_records(whole, few_records());
  for (std::uint64_t size = 0; size < whole.size(journal_file); ++size) {
    MemoryStorage storage;
    write_records(storage, few_records());
    storage.cut(journal_file, size);
    auto before = texts_in(storage);
    CHECK((is_prefix(before, all) && before.size() < all.size()));
    auto const lost = content(storage, journal_file);
    auto const mended = mend_journal(storage);
    CHECK(mended.bytes == (mended.kept_as.empty() ? 0 : storage.size(mended.kept_as)));
    CHECK(lost == content(storage, journal_file) + (mended.bytes > 0 ? content(storage, mended.kept_as) : ""));
    write_records(storage, {kept(9)});
    before.push_back(text_of(kept(9)));
    CHECK(texts_in(storage) == before);
  }
}

TEST_CASE("a flipped bit anywhere never gives a record that was not written, and what is behind it is put aside") {
  auto const all = texts_of(few_records());
  MemoryStorage whole;
  write_records(whole, few_records());
  for (auto bit = 8 * header_size; bit < 8 * whole.size(journal_file); ++bit) {
    MemoryStorage storage;
    write_records(storage, few_records());
    storage.flip_bit(journal_file, bit);
    auto const damaged = content(storage, journal_file);
    auto const good = texts_in(storage);
    CHECK((is_prefix(good, all) && good.size() < all.size()));
    auto const mended = mend_journal(storage);
    CHECK(mended.kept_as == "journal.damaged-1");
    CHECK(content(storage, journal_file) + content(storage, mended.kept_as) == damaged);
    CHECK(texts_in(storage) == good);
  }
}

TEST_CASE("a flipped bit in the header is told, and nothing is touched") {
  for (std::uint64_t bit = 0; bit < 8 * header_size; ++bit) {
    MemoryStorage storage;
    write_records(storage, few_records());
    storage.flip_bit(journal_file, bit);
    auto const before = storage.calls();
    CHECK_THROWS_AS(texts_in(storage), InputOutputError);
    CHECK_THROWS_AS(mend_journal(storage), InputOutputError);
    CHECK(storage.calls() == before);
  }
}

TEST_CASE("a file that is no journal, and one of a later version, are told apart and left alone") {
  MemoryStorage foreign;
  write_file(foreign, journal_file, "Dear diary,\ntoday I found a file.\n");
  CHECK(text_thrown_by([&] { mend_journal(foreign); }) ==
        "cannot read the journal (the file is no journal of Ballast, or its beginning is damaged); "
        "name another --run-dir");
  MemoryStorage short_one;
  write_file(short_one, journal_file, "diary");
  CHECK_THROWS_AS(mend_journal(short_one), InputOutputError);
  MemoryStorage later;
  write_file(later, journal_file, {"ballastj\3\0\0\0", header_size});
  CHECK(text_thrown_by([&] { mend_journal(later); }) ==
        "cannot read the journal (it has format version 3, and this Ballast knows only 2); "
        "resume with the Ballast that began the run, or name another --run-dir");
}

TEST_CASE("a header whose bytes never reached the disk is an empty journal") {
  for (auto const* torn : {"", "ball", "ballastj"}) {
    MemoryStorage storage;
    auto bytes = std::string{torn};
    if (!bytes.empty()) bytes.resize(header_size);  // the size did, and the rest is zeros
    write_file(storage, journal_file, bytes);
    CHECK(mend_journal(storage).bytes == bytes.size());
    write_records(storage, few_records());
    CHECK(texts_in(storage) == texts_of(few_records()));
  }
}

TEST_CASE("an absurd size on disk takes no memory") {
  MemoryStorage storage;
  write_records(storage, few_records());
  write_file(storage, journal_file, std::string(8, '\0') + std::string(4, '\xff') + "\3and so on");
  CHECK(texts_in(storage) == texts_of(few_records()));
}

TEST_CASE("each damage is put aside under a name of its own") {
  MemoryStorage storage;
  for (auto const* name : {"journal.damaged-1", "journal.damaged-2"}) {
    write_records(storage, few_records());
    write_file(storage, journal_file, name);
    CHECK(mend_journal(storage).kept_as == name);
    CHECK(content(storage, name) == name);
  }
}

TEST_CASE("solution files that no record names are removed, and no others") {
  MemoryStorage storage;
  for (std::uint64_t job = 0; job < 4; ++job) write_file(storage, solution_file(apart(job, "x").name), "bytes");
  write_file(storage, "input", "kept");
  write_records(storage, {apart(1, "bytes"), apart(2, "bytes"), apart(3, "bytes"), JobRevived{JobId{2}}});
  mend_journal(storage);
  storage.crash();
  storage.restart();
  CHECK(storage.list("solutions") == std::vector<std::string>{"1.1", "3.1"});
  CHECK(storage.exists("input"));
}

TEST_CASE("a solution's file is good only with every byte that it should have") {
  MemoryStorage storage;
  auto const bytes = std::string(3 << 20, 'x') + "end";
  auto const solution = apart(4, bytes);
  auto const name = solution_file(solution.name);
  CHECK_FALSE(solution_file_good(storage, *apart_file(solution)));
  write_file(storage, name, bytes);
  CHECK(solution_file_good(storage, *apart_file(solution)));
  storage.flip_bit(name, 8 * (2 << 20));
  CHECK_FALSE(solution_file_good(storage, *apart_file(solution)));
  storage.flip_bit(name, 8 * (2 << 20));
  storage.cut(name, bytes.size() - 1);
  CHECK_FALSE(solution_file_good(storage, *apart_file(solution)));
}

TEST_CASE("wherever mending is cut short, the records stay and the damage is kept") {
  for (auto const fault : {Fault::crash_before, Fault::crash_between, Fault::no_space}) {
    for (std::uint64_t call = 1;; ++call) {
      MemoryStorage storage;
      write_records(storage, few_records());
      write_file(storage, journal_file, "some damage");
      write_file(storage, "solutions/8.1", "stale");
      storage.fail_at(storage.calls() + call, fault);
      auto const text = text_thrown_by([&] { mend_journal(storage); });
      if (fault != Fault::no_space) storage.crash();
      storage.restart();
      mend_journal(storage);
      CHECK(texts_in(storage) == texts_of(few_records()));
      CHECK(storage.size(journal_file) == read_journal(storage, [](Record&&) {}));
      auto const copies = storage.list("");
      CHECK(std::any_of(copies.begin(), copies.end(),
                        [&](std::string const& name) { return content(storage, name) == "some damage"; }));
      CHECK(storage.list("solutions").empty());
      if (text.empty()) break;
    }
  }
}
