// A run directory gives back what was solved, of this run only, and never a solution that is not whole.
#include "runtime/run_directory.hpp"

#include "ballast/core/digest.hpp"
#include "ballast/core/error.hpp"
#include "support/catch.hpp"
#include "support/journal_scene.hpp"
#include "support/temporary_folder.hpp"
#include "support/thrown.hpp"

namespace ballast {
namespace {

using namespace ballast::testing;
using Strings = std::vector<std::string>;
using State = History::State;

/// A directory in which an earlier start has left these records.
struct Scene {
  explicit Scene(std::vector<Record> records = {}) {
    if (records.empty()) return;
    records.insert(records.begin(), {RunDescribed{"map of words.txt", "0.1.0"}, RunStarted{1}});
    write_records(*storage, records);
  }

  [[nodiscard]] RunDirectory open(Resume resume = Resume::go_on, std::string identity = "map of words.txt") const {
    return {path, resume, std::move(identity)};
  }
  /// What is thrown when it is opened.
  [[nodiscard]] std::string refusal(Resume resume, std::string const& identity = "map of words.txt") const {
    return text_thrown_by([&] { static_cast<void>(open(resume, identity)); });
  }
  /// A start that writes what it has to, and then is gone.
  void start(Resume resume = Resume::go_on) const {
    auto const directory = open(resume);
    write_records(*storage, directory.opening_records());
  }

  TemporaryFolder folder;
  std::filesystem::path path = folder / "run";
  std::unique_ptr<Storage> storage = open_directory(path);
};

Texts replayed(RunDirectory const& directory) {
  Texts texts;
  directory.replay([&](Record const& record) { texts.push_back(text_of(record)); });
  return texts;
}

template <class Kind>
std::size_t count(std::vector<Record> const& records) {
  std::size_t found = 0;
  for (auto const& record : records) found += std::holds_alternative<Kind>(record) ? 1U : 0U;
  return found;
}

Failed failed(std::uint64_t job, std::string diagnostics) {
  return {{JobId{job}, Attempt{3}}, {}, {FailureKind::refused, "exit status 3", std::move(diagnostics)}};
}

}  // namespace

TEST_CASE("a new directory describes the run and begins with nothing, whatever --resume says") {
  for (auto const resume : {Resume::no, Resume::go_on, Resume::and_retry}) {
    Scene scene;
    auto const directory = scene.open(resume);
    CHECK(directory.history().solved() == 0);
    REQUIRE(directory.opening_records().size() == 2);
    CHECK(std::get<RunDescribed>(directory.opening_records()[0]).identity == "map of words.txt");
    CHECK(std::holds_alternative<RunStarted>(directory.opening_records()[1]));
  }
}

TEST_CASE("a used directory is not overwritten without --resume") {
  Scene scene{{kept(0)}};
  auto const text = scene.refusal(Resume::no);
  CHECK(has(text, "has been used (1 jobs are solved there)"));
  CHECK(has(text, "add --resume"));
  CHECK_THROWS_AS(scene.open(Resume::no), UsageError);
}

TEST_CASE("another run's directory is refused, and the difference is named") {
  Scene scene{{kept(0)}};
  auto const text = scene.refusal(Resume::go_on, "map of other.txt");
  CHECK(has(text, "belongs to another run"));
  CHECK(has(text, "`map of words.txt` there, `map of other.txt` now"));
  CHECK_THROWS_AS(scene.open(Resume::and_retry, "map of words.txt and more"), UsageError);
}

TEST_CASE("the difference is found in a long identity") {
  Scene scene;
  std::string const same(500, 's');
  write_records(*scene.storage, {RunDescribed{same + " k=10 " + same, "0.1.0"}});
  auto const text = scene.refusal(Resume::go_on, same + " k=20 " + same);
  CHECK(has(text, " k=10 "));
  CHECK(has(text, " k=20 "));
  CHECK(text.size() < 600);
}

TEST_CASE("a start that is refused leaves the directory as it was") {
  Scene scene{{kept(0)}};
  scene.storage->append_to(journal_file)->append("torn");
  write_file(*scene.storage, "solutions/9.1", "still to be looked at");
  auto const before = bytes_of(scene.path / "journal");
  CHECK_FALSE(scene.refusal(Resume::no).empty());
  CHECK_FALSE(scene.refusal(Resume::go_on, "map of other.txt").empty());
  CHECK(bytes_of(scene.path / "journal") == before);
  CHECK(scene.storage->exists("solutions/9.1"));
}

TEST_CASE("a folder called solutions that is not ours is left alone") {
  Scene scene;
  write_file(*scene.storage, "solutions/exercise-1.tex", "a year's work");
  static_cast<void>(scene.open(Resume::no));
  CHECK(scene.storage->exists("solutions/exercise-1.tex"));
}

TEST_CASE("a torn journal is mended when the run goes on, and what was before is there") {
  Scene scene{{kept(0), kept(1)}};
  scene.storage->append_to(journal_file)->append("torn");
  auto const directory = scene.open();
  CHECK(directory.mended().bytes == 4);
  CHECK(directory.history().solved() == 2);
}

TEST_CASE("a second start at the same time is told who has the directory") {
  Scene scene;
  auto const first = scene.open(Resume::no);
  CHECK_THROWS_AS(scene.open(Resume::go_on), UsageError);
}

TEST_CASE("every solution comes back once, with what was given up, in the order it was resolved in") {
  Scene scene{{kept(3), abandoned(1), kept(0)}};
  auto const directory = scene.open();
  CHECK(replayed(directory) == texts_of({kept(3), abandoned(1), kept(0)}));
  CHECK(directory.inputs().size() == 4);
  CHECK(directory.inputs()[3] == Digest{103});
  CHECK(directory.inputs()[2] == Digest{});
  CHECK(directory.inputs()[1] == Digest{101});
}

TEST_CASE("a job given up stays so, and is open again only if it is asked for") {
  Scene scene{{abandoned(1), kept(0)}};
  {
    auto const directory = scene.open(Resume::go_on);
    CHECK(directory.history().state(JobId{1}) == State::abandoned);
    CHECK(count<JobRevived>(directory.opening_records()) == 0);
  }
  auto const directory = scene.open(Resume::and_retry);
  CHECK(directory.history().state(JobId{1}) == State::open);
  CHECK(directory.history().state(JobId{0}) == State::solved);
  CHECK(count<JobRevived>(directory.opening_records()) == 1);
  CHECK(replayed(directory) == texts_of({kept(0)}));
}

TEST_CASE("a job that was revived and solved later is solved: only what came before is void") {
  Scene scene{{abandoned(1)}};
  scene.start(Resume::and_retry);
  write_records(*scene.storage, {kept(1, "at last")});
  auto const directory = scene.open(Resume::go_on);
  CHECK(directory.history().state(JobId{1}) == State::solved);
  CHECK(replayed(directory) == texts_of({kept(1, "at last")}));
}

TEST_CASE("a solution's file that is whole is as good as one in the journal") {
  Scene scene{{apart(2, "large")}};
  write_file(*scene.storage, "solutions/2.1", "large");
  auto const directory = scene.open();
  CHECK(directory.damaged_solutions() == 0);
  CHECK(replayed(directory) == texts_of({apart(2, "large")}));
  CHECK(directory.inputs()[2] == Digest{102});
}

TEST_CASE("a solution's file that is damaged, cut or gone makes its job open, and is removed") {
  for (auto const* const bytes : {"lArge", "larg", "larger", ""}) {
    INFO(bytes);
    Scene scene{{apart(2, "large"), kept(0)}};
    if (*bytes != '\0') write_file(*scene.storage, "solutions/2.1", bytes);
    auto const directory = scene.open();
    CHECK(directory.damaged_solutions() == 1);
    CHECK(directory.history().state(JobId{2}) == State::open);
    CHECK(directory.history().solved() == 1);
    CHECK(count<JobRevived>(directory.opening_records()) == 1);
    CHECK(replayed(directory) == texts_of({kept(0)}));
    CHECK_FALSE(scene.storage->exists("solutions/2.1"));
  }
}

TEST_CASE("a start that dies before it has written that a job is open again is followed by one that does the same") {
  Scene scene{{apart(2, "large")}};
  write_file(*scene.storage, "solutions/2.1", "lArge");
  static_cast<void>(scene.open());
  auto const directory = scene.open();
  CHECK(directory.damaged_solutions() == 1);
  CHECK(directory.history().state(JobId{2}) == State::open);
}

TEST_CASE("a job whose file was damaged is solved once more, and that solution stands") {
  Scene scene{{apart(2, "large")}};
  scene.start();
  write_file(*scene.storage, "solutions/2.1", "again");
  write_records(*scene.storage, {apart(2, "again")});
  auto const directory = scene.open();
  CHECK(directory.damaged_solutions() == 0);
  CHECK(replayed(directory) == texts_of({apart(2, "again")}));
}

TEST_CASE("a job given up leaves what it takes to run it by hand") {
  Scene scene;
  auto directory = scene.open();
  directory.keep_failed(failed(7, "oops\n"), 3, "the input", {"grep x", ByHand::Input::job});
  auto const failed_folder = scene.path / "failed";
  CHECK(bytes_of(failed_folder / "7.input") == "the input");
  CHECK(bytes_of(failed_folder / "7.stderr") == "oops\n");
  CHECK(bytes_of(failed_folder / "7.txt") ==
        "job 7: given up after 3 failed attempts\nlast: exit status 3\n"
        "by hand: grep x < " +
            (failed_folder / "7.input").string() + "\n");
}

TEST_CASE("a job that is a command is run by hand without an input") {
  Scene scene;
  scene.open().keep_failed(failed(7, ""), 1, "sh", {"exit 3", ByHand::Input::none});
  CHECK(has(bytes_of(scene.path / "failed" / "7.txt"), "by hand: exit 3\n"));
}

TEST_CASE("what a job leaves that is given up twice is not mixed") {
  Scene scene;
  auto directory = scene.open();
  directory.keep_failed(failed(7, "first"), 1, "old input", {});
  directory.keep_failed(failed(7, "second"), 2, "input", {});
  CHECK(bytes_of(scene.path / "failed" / "7.input") == "input");
  CHECK(bytes_of(scene.path / "failed" / "7.stderr") == "second");
  CHECK_FALSE(has(bytes_of(scene.path / "failed" / "7.txt"), "by hand"));
}

TEST_CASE("a job that is tried again does not look given up meanwhile") {
  Scene scene{{abandoned(7)}};
  scene.open().keep_failed(failed(7, "oops"), 1, "input", {});
  static_cast<void>(scene.open(Resume::go_on));
  CHECK(scene.storage->exists("failed/7.input"));
  static_cast<void>(scene.open(Resume::and_retry));
  CHECK(scene.storage->list("failed").empty());
}

}  // namespace ballast
