// A run directory on a real disk: who may read it, what is told when it says no, and that only one run writes there.
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <csignal>

#include "ballast/core/error.hpp"
#include "journal/group_commit.hpp"
#include "support/catch.hpp"
#include "support/child.hpp"
#include "support/journal_scene.hpp"
#include "support/temporary_folder.hpp"
#include "support/thrown.hpp"

using namespace ballast;
using namespace ballast::testing;
using Strings = std::vector<std::string>;

namespace {

unsigned permissions(std::filesystem::path const& path) {
  struct ::stat status {};
  REQUIRE(::stat(path.c_str(), &status) == 0);
  return status.st_mode & 0777;
}

}  // namespace

TEST_CASE("a run directory is made with the folders above it, and nobody else may look into it") {
  TemporaryFolder const folder;
  auto const directory = folder / "runs" / "a";
  auto const storage = open_directory(directory);
  write_file(*storage, "solutions/1.1", "x");
  CHECK(permissions(folder / "runs") == 0700);
  CHECK(permissions(directory) == 0700);
  CHECK(permissions(directory / "solutions") == 0700);
  CHECK(permissions(directory / "solutions" / "1.1") == 0600);
  CHECK(open_directory(directory)->exists("solutions/1.1"));
}

TEST_CASE("files of a run directory are appended to, read in pieces, cut, renamed, listed and removed") {
  TemporaryFolder const folder;
  auto const storage = open_directory(folder / "run");
  CHECK_FALSE(storage->exists("file"));
  CHECK(storage->list("solutions").empty());
  write_file(*storage, "file", "0123");
  write_file(*storage, "file", "456789");
  CHECK(storage->size("file") == 10);
  CHECK(storage->read("file", 3, 4) == "3456");
  CHECK(storage->read("file", 8, 100) == "89");
  CHECK(storage->read("file", 10, 100).empty());
  CHECK(storage->read("file", 11, 100).empty());
  storage->truncate("file", 5);
  CHECK(storage->read("file", 0, 100) == "01234");
  storage->rename("file", "solutions-not");
  write_file(*storage, "solutions/2.1", "");
  CHECK(storage->list("") == Strings{"solutions-not"});
  CHECK(storage->list("solutions") == Strings{"2.1"});
  storage->remove("solutions/2.1");
  CHECK(storage->list("solutions").empty());
}

TEST_CASE("a file of a run directory that is missing is named in the error") {
  TemporaryFolder const folder;
  auto const storage = open_directory(folder / "run");
  auto const path = (folder / "run" / "file").string();
  auto const text = "cannot read " + path + " (No such file or directory); name another --run-dir";
  CHECK(text_thrown_by([&] { static_cast<void>(storage->read("file", 0, 1)); }) == text);
  CHECK(text_thrown_by([&] { static_cast<void>(storage->size("file")); }) == text);
  CHECK_THROWS_AS(storage->remove("file"), InputOutputError);
  CHECK_THROWS_AS(storage->rename("file", "other"), InputOutputError);
  CHECK_THROWS_AS(storage->truncate("file", 0), InputOutputError);
}

TEST_CASE("a journal on a disk is written by a group commit, torn, mended and written again") {
  TemporaryFolder const folder;
  auto const storage = open_directory(folder / "run");
  {
    GroupCommit commit{JournalWriter{*storage}};
    auto file = storage->append_to(solution_file(apart(1, "").name));
    file->append("large");
    commit.add(kept(0));
    commit.add(apart(1, "large"), std::move(file));
    commit.add(kept(2));
    commit.flush();
  }
  std::filesystem::resize_file(folder / "run" / "journal", storage->size(journal_file) - 1);
  CHECK(mend_journal(*storage).kept_as == "journal.damaged-1");
  CHECK(solution_file_good(*storage, *apart_file(apart(1, "large"))));
  write_records(*storage, {kept(3)});
  CHECK(texts_in(*storage) == texts_of({kept(0), apart(1, "large"), kept(3)}));
}

TEST_CASE("a directory that may not be written, and a path that is a file, are told at once") {
  TemporaryFolder const folder;
  auto const file = folder.file("file", "");
  CHECK(text_thrown_by([&] { static_cast<void>(open_directory(file)); }) ==
        "cannot write " + file + " (Not a directory); name another --run-dir");
  CHECK_THROWS_AS(open_directory(folder / "file" / "run"), InputOutputError);
  auto const directory = folder / "run";
  std::filesystem::create_directory(directory);
  std::filesystem::permissions(folder.path(), std::filesystem::perms{0755});
  std::filesystem::permissions(directory, std::filesystem::perms{0555});
  auto const become_nobody = [] {
    if (::geteuid() == 0 && ::seteuid(65534) != 0) throw std::runtime_error{"cannot become nobody"};
  };
  auto const refused = "cannot write " + directory.string();
  CHECK(thrown_in_child([&] {
          become_nobody();
          static_cast<void>(open_directory(directory));
        }) == refused + " (Permission denied); make it writable, or name another --run-dir");
  CHECK(has(thrown_in_child([&] {
              become_nobody();
              static_cast<void>(lock_directory(directory));
            }),
            refused + "/lock (Permission denied)"));
}

TEST_CASE("when the disk takes no more, the error says so, and what was durable is read") {
  TemporaryFolder const folder;
  auto const path = folder / "run";
  auto const text = thrown_in_child([&] {
    std::signal(SIGXFSZ, SIG_IGN);
    ::rlimit const limit{1000, 1000};
    if (::setrlimit(RLIMIT_FSIZE, &limit) != 0) throw std::runtime_error{"cannot set a limit"};
    auto const storage = open_directory(path);
    GroupCommit commit{JournalWriter{*storage}};
    for (std::uint64_t job = 0;; ++job) {
      commit.add(kept(job));
      commit.flush();
    }
  });
  CHECK(text == "cannot write " + (path / "journal").string() +
                    " (File too large); free some space, then start again with --resume");
  auto const storage = open_directory(path);
  CHECK(storage->size(journal_file) == 1000);
  CHECK(mend_journal(*storage).bytes > 0);
  CHECK(texts_in(*storage).size() == (1000 - 12) / encode_record(kept(0)).size());
}

TEST_CASE("a second run in the same directory is told who has it, until that one ends") {
  TemporaryFolder const folder;
  auto const directory = folder / "run";
  auto lock = lock_directory(directory);
  std::string host(256, '\0');
  REQUIRE(::gethostname(host.data(), host.size()) == 0);
  auto const expected = directory.string() + " is in use (by pid " + std::to_string(::getpid()) + " on host " +
                        host.c_str() + "); wait for that run, or name another --run-dir";
  CHECK(text_thrown_by([&] { static_cast<void>(lock_directory(directory)); }) == expected);
  CHECK(thrown_in_child([&] { static_cast<void>(lock_directory(directory)); }) == expected);
  CHECK_THROWS_AS(lock_directory(directory), UsageError);
  lock.reset();
  CHECK(std::filesystem::exists(directory / "lock"));
  lock = lock_directory(directory);
}

TEST_CASE("a lock whose holder has not written its name yet still holds") {
  TemporaryFolder const folder;
  auto const lock = lock_directory(folder.path());
  std::filesystem::resize_file(folder / "lock", 0);
  CHECK(text_thrown_by([&] { static_cast<void>(lock_directory(folder.path())); }) ==
        folder.path().string() + " is in use (by another run); wait for that run, or name another --run-dir");
}
