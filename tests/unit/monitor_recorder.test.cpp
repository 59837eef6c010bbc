// A recording is a file that a replay can read, and never a reason for a run to fail.
#include "monitor/recorder.hpp"

#include <fcntl.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <csignal>

#include "ballast/core/error.hpp"
#include "ballast/sim/replay.hpp"
#include "support/catch.hpp"
#include "support/schedule_scene.hpp"
#include "support/temporary_folder.hpp"
#include "support/thrown.hpp"

namespace ballast {
namespace {

using testing::bytes_of;
using testing::has;
using testing::TemporaryFolder;
using testing::text_thrown_by;

ScriptHeader const header{"guided", {}};

struct RecorderScene {
  TemporaryFolder folder;
  std::filesystem::path directory{folder / "recording"};
  Descriptor said{::open((folder / "said").c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600)};
  Console console{said.number()};
  Dispatcher dispatcher{header.policy, header.rules};
  Time now{std::chrono::hours{1}};

  void play(Recorder& recorder, Event const& event) {
    now += std::chrono::microseconds{1};
    auto const step = dispatcher.on(event, now);
    recorder.observe(event, step, now);
  }

  /// Two nodes solve six jobs, one after the other.
  void run(Recorder& recorder) {
    for (auto const node : {node_1, node_2}) play(recorder, NodeJoined{node});
    play(recorder, JobsFound{6});
    play(recorder, DatasetEnded{});
    for (std::uint64_t job = 0; job < 6; ++job)
      for (auto const node : {node_1, node_2})
        if (JobAttempt const name{JobId{job}, Attempt{1}}; dispatcher.ledger().holds(node, name))
          play(recorder, SolutionArrived{node, name, std::chrono::milliseconds{1}});
  }

  void record() {
    Recorder recorder{directory, header, console};
    run(recorder);
    recorder.close();
  }
};

unsigned mode_of(std::filesystem::path const& path) {
  struct stat status {};
  REQUIRE(::stat(path.c_str(), &status) == 0);
  return status.st_mode & 0777U;
}

}  // namespace

TEST_CASE("what was recorded is replayed without a difference") {
  RecorderScene scene;
  scene.record();
  auto const outcome = replay(scene.directory);
  CHECK(outcome.policy == "guided");
  CHECK(outcome.events == 10);
  CHECK_FALSE(outcome.cut);
  CHECK_FALSE(outcome.difference);
}

TEST_CASE("a recording is its owner's alone") {
  RecorderScene scene;
  scene.record();
  CHECK(mode_of(scene.directory) == 0700);
  CHECK(mode_of(scene.directory / "decisions") == 0600);
}

TEST_CASE("a recording that is there already is not written over") {
  RecorderScene scene;
  scene.record();
  auto const before = bytes_of(scene.directory / "decisions");
  CHECK_THROWS_AS((Recorder{scene.directory, header, scene.console}), InputOutputError);
  CHECK(bytes_of(scene.directory / "decisions") == before);
  CHECK_THROWS_AS((Recorder{scene.folder / "no" / "such", header, scene.console}), InputOutputError);
}

TEST_CASE("a replay tells where a recording was changed") {
  RecorderScene scene;
  scene.record();
  auto text = bytes_of(scene.directory / "decisions");
  auto const at = text.find("solved 1 ");
  REQUIRE(at != std::string::npos);
  text.replace(at, 8, "failed 1");
  text.erase(text.find(" 1000000", at), 8);
  static_cast<void>(scene.folder.file("recording/decisions", text));
  auto const outcome = replay(scene.directory);
  REQUIRE(outcome.difference);
  CHECK(has(outcome.difference->expected, "accepted"));
  CHECK(has(outcome.difference->got, "retry"));
}

TEST_CASE("a recording that was cut anywhere is replayed as far as it goes") {
  RecorderScene scene;
  scene.record();
  auto const text = bytes_of(scene.directory / "decisions");
  std::uint64_t last = 0;
  for (auto size = text.find('\n') + 1; size < text.size(); ++size) {
    static_cast<void>(scene.folder.file("recording/decisions", text.substr(0, size)));
    auto const outcome = replay(scene.directory);
    CHECK(outcome.cut);
    CHECK_FALSE(outcome.difference);
    CHECK(outcome.events >= last);
    last = outcome.events;
  }
  CHECK(last == 9);
}

TEST_CASE("a replay up to a job explains every decision until then") {
  RecorderScene scene;
  scene.record();
  std::vector<std::string> lines;
  auto const outcome = replay(scene.directory, JobId{1}, [&](std::string_view line) { lines.emplace_back(line); });
  CHECK(outcome.resolved);
  CHECK(outcome.events < 10);
  REQUIRE_FALSE(lines.empty());
  CHECK(has(lines.front(), "0.000002 s  node 1 gets job"));
  CHECK_FALSE(replay(scene.directory, JobId{77}).resolved);
}

TEST_CASE("what is no recording is refused by its name") {
  RecorderScene scene;
  CHECK(has(text_thrown_by([&] { replay(scene.directory); }), "recording/decisions"));
  std::filesystem::create_directory(scene.directory);
  for (auto const* const text : {"", "ballast", "something else\n"}) {
    static_cast<void>(scene.folder.file("recording/decisions", text));
    CHECK_THROWS_AS(replay(scene.directory), InputOutputError);
  }
}

TEST_CASE("a full disk ends the recording with one warning, and nothing else") {
  RecorderScene scene;
  std::signal(SIGXFSZ, SIG_IGN);
  Recorder recorder{scene.directory, header, scene.console};
  rlimit before{};
  ::getrlimit(RLIMIT_FSIZE, &before);
  rlimit const tight{1 << 10, before.rlim_max};
  ::setrlimit(RLIMIT_FSIZE, &tight);
  for (int i = 0; i < 30'000; ++i) scene.play(recorder, JobsFound{1});
  recorder.close();
  ::setrlimit(RLIMIT_FSIZE, &before);
  auto const said = bytes_of(scene.folder / "said");
  CHECK(has(said, "the run goes on without it"));
  CHECK(std::count(said.begin(), said.end(), '\n') == 1);
}

}  // namespace ballast
