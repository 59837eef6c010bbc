// A result is whole or absent, and a disk that is full or a reader that is gone is told apart.
#include <fcntl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <csignal>
#include <thread>

#include "ballast/core/error.hpp"
#include "ballast/problem/file_joiner.hpp"
#include "core/descriptor.hpp"
#include "support/catch.hpp"
#include "support/child.hpp"
#include "support/temporary_folder.hpp"
#include "support/thrown.hpp"

using namespace ballast;
using testing::bytes_of;
using testing::has;
using testing::TemporaryFolder;
using testing::text_thrown_by;
namespace fs = std::filesystem;

namespace {

void write_job(Joiner& joiner, std::uint64_t id, std::string_view bytes) {
  joiner.write(JobId{id}, bytes);
  joiner.finish(JobId{id});
}

auto making(fs::path const& path) {
  return [path] { static_cast<void>(make_file_joiner(path, JoinOrder::dataset)); };
}

/// The reading and the writing end of a pipe.
std::pair<Descriptor, Descriptor> make_pipe() {
  int ends[2];
  REQUIRE(::pipe(ends) == 0);
  return {Descriptor{ends[0]}, Descriptor{ends[1]}};
}

}  // namespace

TEST_CASE("a result appears whole at close and not before") {
  TemporaryFolder const folder;
  auto const path = folder / "out.txt";
  auto const joiner = make_file_joiner(path, JoinOrder::arrival);
  CHECK(joiner->order() == JoinOrder::arrival);
  CHECK(fs::exists(folder / "out.txt.partial"));
  std::string const large(700'000, 'x');
  write_job(*joiner, 0, "a\n");
  write_job(*joiner, 1, large);
  write_job(*joiner, 2, "");
  write_job(*joiner, 3, "b");
  CHECK_FALSE(fs::exists(path));
  joiner->close();
  CHECK((bytes_of(path) == "a\n" + large + "b"));
  CHECK_FALSE(fs::exists(folder / "out.txt.partial"));
}

TEST_CASE("a joiner that is destroyed before close leaves the old result and no partial one") {
  TemporaryFolder const folder;
  auto const path = folder.file("out.txt", "old");
  write_job(*make_file_joiner(path, JoinOrder::dataset), 0, std::string(1'000'000, 'x'));
  CHECK(bytes_of(path) == "old");
  CHECK_FALSE(fs::exists(folder / "out.txt.partial"));
}

TEST_CASE("a result that replaces another keeps its permissions and the links to it") {
  TemporaryFolder const folder;
  auto const path = folder.file("out.txt", "old");
  fs::permissions(path, fs::perms{0640});
  fs::create_symlink("out.txt", folder / "link");
  auto const joiner = make_file_joiner(folder / "link", JoinOrder::dataset);
  write_job(*joiner, 0, "new");
  joiner->close();
  CHECK(bytes_of(path) == "new");
  CHECK(fs::is_symlink(folder / "link"));
  CHECK(fs::status(path).permissions() == fs::perms{0640});
}

TEST_CASE("a leftover of a killed run does not get into the result") {
  TemporaryFolder const folder;
  static_cast<void>(folder.file("out.txt.partial", "much longer than the result"));
  auto const joiner = make_file_joiner(folder / "out.txt", JoinOrder::dataset);
  write_job(*joiner, 0, "new");
  joiner->close();
  CHECK(bytes_of(folder / "out.txt") == "new");
}

TEST_CASE("two runs do not write one result") {
  TemporaryFolder const folder;
  auto first = make_file_joiner(folder / "out.txt", JoinOrder::dataset);
  write_job(*first, 0, "first");
  CHECK(has(text_thrown_by(making(folder / "out.txt")), "(another run is writing "));
  first->close();
  CHECK(bytes_of(folder / "out.txt") == "first");
  auto const second = make_file_joiner(folder / "out.txt", JoinOrder::dataset);
  write_job(*second, 0, "second");
  first.reset();
  second->close();
  CHECK(bytes_of(folder / "out.txt") == "second");
}

TEST_CASE("an output that cannot be written is an error before the first job") {
  TemporaryFolder const folder;
  auto const nowhere = folder / "no/out.txt";
  CHECK(text_thrown_by(making(nowhere)) ==
        "cannot write " + nowhere.string() + " (No such file or directory); check the path, or choose another output");
  CHECK(has(text_thrown_by(making(folder.path())), "(Is a directory)"));
  CHECK_THROWS_AS(make_file_joiner(folder.path(), JoinOrder::dataset), InputOutputError);

  auto const denied_as_nobody = [&](fs::path const& path, fs::perms of_folder) {
    fs::permissions(folder.path(), of_folder);
    auto const text = testing::thrown_in_child([&] {
      if (::geteuid() == 0 && ::seteuid(65534) != 0) throw std::runtime_error{"cannot become nobody"};
      making(path)();
    });
    fs::permissions(folder.path(), fs::perms{0700});
    return has(text, "cannot write " + path.string() + " (Permission denied)");
  };
  fs::path const kept = folder.file("kept", "old");
  fs::permissions(kept, fs::perms{0444});
  CHECK(denied_as_nobody(kept, fs::perms{0777}));
  CHECK(denied_as_nobody(folder / "new", fs::perms{0555}));
}

TEST_CASE("a full disk is an error that leaves nothing behind") {
  TemporaryFolder const folder;
  auto const text = testing::thrown_in_child([&] {
    std::signal(SIGXFSZ, SIG_IGN);
    rlimit const small{300'000, 300'000};
    ::setrlimit(RLIMIT_FSIZE, &small);
    auto const joiner = make_file_joiner(folder / "out.txt", JoinOrder::dataset);
    for (std::uint64_t id = 0; id < 100; ++id) write_job(*joiner, id, std::string(10'000, 'x'));
    joiner->close();
  });
  CHECK(text == "cannot write " + (folder / "out.txt").string() + " (File too large); free some space and run again");
  CHECK(fs::is_empty(folder.path()));
}

TEST_CASE("devices and pipes are written to as they are") {
  TemporaryFolder const folder;
  // By links of our own: a joiner that is wrong, run by root, would take the place of the device.
  fs::create_symlink("/dev/null", folder / "null");
  fs::create_symlink("/dev/full", folder / "full");
  auto const null = make_file_joiner(folder / "null", JoinOrder::dataset);
  write_job(*null, 0, "gone");
  null->close();
  CHECK(fs::is_symlink(folder / "null"));
  CHECK(has(text_thrown_by([&] {
              auto const full = make_file_joiner(folder / "full", JoinOrder::dataset);
              write_job(*full, 0, "a");
            }),
            "No space left on device"));
}

TEST_CASE("a pipe shows the first solution at once and the rest at close") {
  TemporaryFolder const folder;
  auto const pipe = folder / "pipe";
  REQUIRE(::mkfifo(pipe.c_str(), 0600) == 0);
  Descriptor const reading{::open(pipe.c_str(), O_RDONLY | O_NONBLOCK)};
  auto const joiner = make_file_joiner(pipe, JoinOrder::arrival);
  std::string got(100, '\0');
  write_job(*joiner, 0, "first\n");
  CHECK(got.substr(0, read_some(reading.number(), got.data(), got.size())) == "first\n");
  write_job(*joiner, 1, "second\n");
  joiner->close();
  CHECK(got.substr(0, read_some(reading.number(), got.data(), got.size())) == "second\n");
}

TEST_CASE("standard output gets every byte, though it may not block and its reader is slow") {
  auto [reading, writing] = make_pipe();
  std::string got;
  std::jthread reader{[&got, &from = reading] {
    std::string some(100'000, '\0');
    while (auto const size = read_some(from.number(), some.data(), some.size())) got.append(some, 0, size);
  }};
  std::string const large(3'000'000, 'x');
  auto const text = testing::thrown_in_child([&large, &to = writing] {
    ::dup2(to.number(), 1);
    ::fcntl(1, F_SETFL, O_NONBLOCK);
    auto const joiner = make_file_joiner(std::nullopt, JoinOrder::dataset);
    write_job(*joiner, 0, large);
    write_job(*joiner, 1, "second\n");
    joiner->close();
  });
  writing = Descriptor{};
  reader.join();
  CHECK(text.empty());
  CHECK((got == large + "second\n"));
}

TEST_CASE("a pipe without a reader is told apart from a broken output") {
  auto [reading, writing] = make_pipe();
  reading = Descriptor{};
  auto const text = testing::thrown_in_child([&, &to = writing] {
    std::signal(SIGPIPE, SIG_IGN);
    ::dup2(to.number(), 1);
    auto const joiner = make_file_joiner(std::nullopt, JoinOrder::dataset);
    try {
      write_job(*joiner, 0, "a\n");
    } catch (ReaderGone const&) {
      throw std::runtime_error{"reader gone"};
    }
  });
  CHECK(text == "reader gone");
}
