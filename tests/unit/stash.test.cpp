// Bytes come back from the stash as they went in, and memory stays within its budget.
#include "runtime/stash.hpp"

#include <sys/resource.h>

#include <csignal>
#include <map>
#include <random>
#include <thread>

#include "ballast/core/contract.hpp"
#include "ballast/core/error.hpp"
#include "support/catch.hpp"
#include "support/child.hpp"
#include "support/temporary_folder.hpp"
#include "support/thrown.hpp"

using namespace ballast;
using testing::TemporaryFolder;

namespace {

constexpr std::size_t mebibyte = std::size_t{1} << 20;

std::string random_bytes(std::mt19937& random, std::size_t size) {
  std::string bytes(size, static_cast<char>(random()));
  for (std::size_t at = random() % 64; at < size; at += 1 + random() % 512) bytes[at] = static_cast<char>(random());
  return bytes;
}

/// Of this process so far, in KiB.
long largest_memory() {
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  return usage.ru_maxrss;
}

#ifdef __SANITIZE_ADDRESS__
constexpr long most_growth = 1024 * 1024;  // the sanitizer keeps freed memory for a while
#else
constexpr long most_growth = 24 * 1024;  // KiB, for two million values
#endif

std::string in_pieces(Stash const& stash, JobId job) {
  std::string value;
  stash.for_each_piece(job, [&](std::string_view piece) {
    if (piece.empty() || piece.size() > mebibyte) throw std::length_error{"a piece is empty or too long"};
    value.append(piece);
  });
  return value;
}

}  // namespace

TEST_CASE("values that fit into memory never touch the disk") {
  Stash stash{mebibyte, "/nowhere"};
  stash.put(JobId{3}, "three");
  stash.append(JobId{4}, "fo");
  stash.append(JobId{4}, "ur");
  CHECK(stash.read(JobId{3}) == "three");
  CHECK(in_pieces(stash, JobId{4}) == "four");
  CHECK(stash.spilled() == 0);
  stash.discard(JobId{3});
  stash.discard(JobId{4});
  CHECK(stash.memory() == 0);
}

TEST_CASE("any mix of values comes back, spilled or not, and memory keeps to the budget") {
  TemporaryFolder const folder;
  std::mt19937 random{4};
  for (auto const budget : {std::size_t{0}, std::size_t{10'000}, 3 * mebibyte}) {
    Stash stash{budget, folder.path()};
    std::map<std::uint64_t, std::string> expected;
    for (int step = 0; step < 4000; ++step) {
      auto const id = random() % 300;
      auto const size = random() % 50 == 0 ? random() % (3 * mebibyte) : random() % 2000;
      auto const bytes = random_bytes(random, size);
      auto const action = random() % 4;
      if (action == 0 && !expected.contains(id)) {
        stash.put(JobId{id}, bytes);
        expected[id] = bytes;
      } else if (action == 1) {
        stash.append(JobId{id}, bytes);
        expected[id] += bytes;
      } else if (action == 2) {
        stash.discard(JobId{id});
        expected.erase(id);
      } else if (expected.contains(id)) {
        REQUIRE((stash.read(JobId{id}) == expected[id]));
        REQUIRE((in_pieces(stash, JobId{id}) == expected[id]));
      }
      REQUIRE(stash.contains(JobId{id}) == expected.contains(id));
      REQUIRE(stash.memory() <= budget);
    }
    for (auto const& [id, bytes] : expected) REQUIRE((stash.read(JobId{id}) == bytes));
    CHECK(stash.spilled() > 0);
  }
}

TEST_CASE("a value that grows large leaves memory though there is room") {
  TemporaryFolder const folder;
  Stash stash{100 * mebibyte, folder.path()};
  std::string expected;
  for (int i = 0; i < 50; ++i) {
    std::string const piece(100'000, static_cast<char>('a' + i % 26));
    stash.append(JobId{9}, piece);
    stash.append(JobId{10}, "small");
    expected += piece;
    REQUIRE(stash.memory() <= 3 * mebibyte);
  }
  CHECK(stash.spilled() == expected.size());
  CHECK((stash.read(JobId{9}) == expected));
  CHECK((in_pieces(stash, JobId{9}) == expected));
}

TEST_CASE("an empty value is a value") {
  TemporaryFolder const folder;
  for (auto const budget : {std::size_t{0}, mebibyte}) {
    Stash stash{budget, folder.path()};
    stash.put(JobId{1}, "");
    stash.append(JobId{2}, "");
    CHECK(stash.contains(JobId{1}));
    CHECK(stash.read(JobId{1}).empty());
    CHECK(in_pieces(stash, JobId{2}).empty());
    stash.append(JobId{2}, "more");
    CHECK(stash.read(JobId{2}) == "more");
  }
}

TEST_CASE("putting a value twice, or reading one that is not there, breaks a promise") {
  Stash stash{mebibyte, "/nowhere"};
  stash.put(JobId{1}, "one");
  CHECK_THROWS_AS(stash.put(JobId{1}, "two"), ContractViolation);
  CHECK_THROWS_AS(stash.read(JobId{2}), ContractViolation);
  CHECK_THROWS_AS(in_pieces(stash, JobId{2}), ContractViolation);
  CHECK_NOTHROW(stash.discard(JobId{2}));
}

TEST_CASE("the file has no name, is not larger than what it held at once, and is emptied with the last value") {
  TemporaryFolder const folder;
  SpillFile file{folder.path()};
  std::string const bytes(3 * mebibyte / 4, 'b');
  std::vector<std::vector<Extent>> values(4);
  for (auto& value : values) file.append(bytes, value);
  for (std::size_t i = 0; i < 1000; ++i) {
    auto& value = values[i % 3];
    for (auto const extent : value) file.release(extent);
    value.clear();
    file.append(bytes, value);
  }
  CHECK(std::filesystem::is_empty(folder.path()));
  CHECK(file.size() <= 8 * mebibyte);
  for (auto const& value : values) {
    for (auto const extent : value) file.release(extent);
  }
  CHECK(file.size() == 0);
}

TEST_CASE("a segment that empties while it is being filled is not handed out twice") {
  TemporaryFolder const folder;
  SpillFile file{folder.path()};
  std::vector<Extent> kept;
  std::vector<Extent> passing;
  std::vector<Extent> first;
  std::vector<Extent> second;
  file.append(std::string(mebibyte, 'k'), kept);
  file.append("passing", passing);
  file.release(passing.front());
  file.append(std::string(mebibyte, 'f'), first);
  file.append(std::string(mebibyte, 's'), second);
  file.append("next", passing);
  std::string back(mebibyte, '\0');
  REQUIRE(first.size() == 1);
  file.read(first.front(), back.data());
  CHECK((back == std::string(mebibyte, 'f')));
}

TEST_CASE("two million small values ahead of their turn cost little memory") {
  TemporaryFolder const folder;
  auto const text = testing::thrown_in_child([&] {
    Stash stash{0, folder.path()};
#ifdef __SANITIZE_ADDRESS__
    constexpr std::uint64_t count = 200'000;  // watched at every step, the rest would only take time
#else
    constexpr std::uint64_t count = 2'000'000;
#endif
    auto const before = largest_memory();
    for (std::uint64_t id = count; id-- > 1;) stash.put(JobId{id}, std::to_string(id));
    if (largest_memory() - before > most_growth) throw std::runtime_error{"too much memory"};
    for (std::uint64_t id = 1; id < count; ++id) {
      if (stash.read(JobId{id}) != std::to_string(id)) throw std::runtime_error{"not what was put"};
      stash.discard(JobId{id});
    }
  });
  CHECK(text.empty());
}

TEST_CASE("one thread may put while another reads and discards") {
  TemporaryFolder const folder;
  Stash stash{10'000, folder.path()};
  constexpr std::uint64_t count = 20'000;
  auto const value_of = [](std::uint64_t id) { return std::string(id % 700, static_cast<char>(id)); };
  std::jthread const putting{[&] {
    for (std::uint64_t id = 0; id < count; ++id) {
      stash.append(JobId{id}, value_of(id));
      stash.put(JobId{id + count}, "ready");
    }
  }};
  std::uint64_t wrong = 0;
  for (std::uint64_t id = 0; id < count; ++id) {
    while (!stash.contains(JobId{id + count})) std::this_thread::yield();
    if (stash.read(JobId{id}) != value_of(id) || in_pieces(stash, JobId{id}) != value_of(id)) ++wrong;
    stash.discard(JobId{id});
    stash.discard(JobId{id + count});
  }
  CHECK(wrong == 0);
  CHECK(stash.memory() == 0);
}

TEST_CASE("a disk without room is an error that says what to do") {
  TemporaryFolder const folder;
  auto const text = testing::thrown_in_child([&] {
    std::signal(SIGXFSZ, SIG_IGN);
    rlimit const small{3 * mebibyte, 3 * mebibyte};
    ::setrlimit(RLIMIT_FSIZE, &small);
    Stash stash{0, folder.path()};
    for (std::uint64_t id = 0; id < 100; ++id) stash.put(JobId{id}, std::string(100'000, 'x'));
  });
  CHECK(text == "cannot set work aside in " + folder.path().string() +
                    " (File too large); set TMPDIR to a folder with more room");
  Stash nowhere{0, folder / "missing"};
  CHECK_THROWS_AS(nowhere.put(JobId{0}, std::string(2 * mebibyte, 'x')), InputOutputError);
}

TEST_CASE("work is set aside in TMPDIR, if that is a folder") {
  TemporaryFolder const folder;
  auto const directory_with = [](std::string const& wanted) {
    return testing::thrown_in_child([&] {
      ::setenv("TMPDIR", wanted.c_str(), 1);
      throw std::runtime_error{spill_directory().string()};
    });
  };
  CHECK(directory_with(folder.path().string()) == folder.path().string());
  CHECK(directory_with((folder / "missing").string()) == "/var/tmp");
}
