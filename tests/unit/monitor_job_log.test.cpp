// A job log is what GNU parallel would have written, and is read back whatever a crash has left of it.
#include <algorithm>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "ballast/core/error.hpp"
#include "ballast/monitor/job_log.hpp"
#include "support/catch.hpp"
#include "support/temporary_folder.hpp"
#include "support/thrown.hpp"

namespace ballast {
namespace {

using namespace std::chrono_literals;
using testing::bytes_of;
using testing::has;
using testing::TemporaryFolder;
using testing::text_thrown_by;
using Mode = JobLog::Mode;

std::string const header = "Seq\tHost\tStarttime\tJobRuntime\tSend\tReceive\tExitval\tSignal\tCommand\n";

LoggedJob job(std::uint64_t seq, std::string command = "true") {
  LoggedJob job;
  job.seq = seq;
  job.host = ":";
  job.node = 2;
  job.attempt = 1;
  job.start = 1'795'293'078'546ms;
  job.runtime = 1322ms;
  job.received = 3;
  job.command = std::move(command);
  return job;
}

std::string line(std::uint64_t seq, std::string const& rest) {
  return std::to_string(seq) + "\t:\t1795293078.546\t" + rest + "\n";
}

std::vector<std::uint64_t> seqs_in(std::string const& path) {
  std::vector<std::uint64_t> seqs;
  for (auto const& line : read_job_log_lines(path)) seqs.push_back(line.seq);
  return seqs;
}
using Seqs = std::vector<std::uint64_t>;

JobLogLine ended(std::uint64_t seq, int exit_value = 0, int signal = 0) {
  return {seq, 1s, exit_value, signal, "true"};
}

}  // namespace

TEST_CASE("a log's bytes are those of GNU parallel 20221122") {
  TemporaryFolder const folder;
  auto const path = (folder / "log").string();
  JobLog log{path, Mode::fresh};
  log.write(job(1, "printf 'x\ny\tz'"));
  auto timed_out = job(2);
  timed_out.exit_value = -1;
  timed_out.signal = 15;
  timed_out.start = 1'795'293'078'099'600'000ns;
  timed_out.runtime = 123'456'789ms;
  log.write(timed_out);
  CHECK(bytes_of(path) == header + line(1, std::string{"     1.322\t0\t3\t0\t0\tprintf 'x\0y\tz'", 33}) +
                              "2\t:\t1795293078.100\t123456.789\t0\t3\t-1\t15\ttrue\n");
}

TEST_CASE("the JSON beside a log has the same jobs with more facts, whatever bytes a command has") {
  TemporaryFolder const folder;
  auto const path = (folder / "log").string();
  JobLog log{path, Mode::fresh};
  auto failed = job(7, "echo \"\xff\"\n");
  failed.cpu = 250ms;
  failed.peak_memory = 4096;
  failed.exit_value = 3;
  failed.failure = "exit 3";
  log.write(failed);
  log.write(job(8));
  auto const text = bytes_of(path + ".jsonl");
  REQUIRE(std::count(text.begin(), text.end(), '\n') == 2);
  auto const first = nlohmann::json::parse(text.substr(0, text.find('\n')));
  CHECK(first == nlohmann::json{{"seq", 7},
                                {"host", ":"},
                                {"node", 2},
                                {"start", 1795293078.546},
                                {"runtime", 1.322},
                                {"cpu_seconds", 0.25},
                                {"peak_memory_bytes", 4096},
                                {"exit_value", 3},
                                {"signal", 0},
                                {"attempt", 1},
                                {"received_bytes", 3},
                                {"command", "echo \"\xef\xbf\xbd\"\n"},
                                {"failure", "exit 3"}});
  CHECK(nlohmann::json::parse(text.substr(text.find('\n')))["failure"].is_null());
}

TEST_CASE("a fresh log forgets, an appended one goes on under the same header") {
  TemporaryFolder const folder;
  auto const path = (folder / "log").string();
  JobLog{path, Mode::append}.write(job(1));
  JobLog{path, Mode::append}.write(job(2));
  CHECK(seqs_in(path) == Seqs{1, 2});
  CHECK(bytes_of(path).rfind("Seq") == 0);
  JobLog{path, Mode::fresh}.write(job(3));
  CHECK(seqs_in(path) == Seqs{3});
  auto const objects = bytes_of(path + ".jsonl");
  CHECK(std::count(objects.begin(), objects.end(), '\n') == 1);
}

TEST_CASE("a log that a run is writing is left to it") {
  TemporaryFolder const folder;
  auto const path = (folder / "log").string();
  JobLog log{path, Mode::fresh};
  log.write(job(1));
  CHECK_THROWS_AS((JobLog{path, Mode::fresh}), UsageError);
  CHECK(seqs_in(path) == Seqs{1});
  JobLog const nothing{"/dev/null", Mode::fresh};  // which everybody may write
  CHECK_NOTHROW((JobLog{"/dev/null", Mode::fresh}));
}

TEST_CASE("a log may be read before it is begun") {
  TemporaryFolder const folder;
  auto const path = (folder / "log").string();
  JobLog{path, Mode::fresh}.write(job(1));
  JobLog log{path};
  CHECK(seqs_in(path) == Seqs{1});
  log.begin(Mode::fresh);
  CHECK(seqs_in(path).empty());
}

TEST_CASE("a last line that was torn anywhere is no job, and spoils none that comes after it") {
  TemporaryFolder const folder;
  auto const whole = line(12, "     0.250\t0\t4\t0\t0\techo a");
  auto const command = whole.rfind('\t') + 1;
  for (std::size_t size = 1; size < whole.size(); ++size) {
    INFO(size);
    auto const path = folder.file("log", header + line(1, "     1.000\t0\t4\t0\t0\ttrue") + whole.substr(0, size));
    auto const expected = size < command ? Seqs{1} : Seqs{1, 12};
    CHECK(seqs_in(path) == expected);
    JobLog{path, Mode::append}.write(job(3));
    auto after = expected;
    after.push_back(3);
    CHECK(seqs_in(path) == after);
  }
}

TEST_CASE("a torn object is ended before the next one is written") {
  TemporaryFolder const folder;
  auto const path = folder.file("log", "");
  static_cast<void>(folder.file("log.jsonl", "{\"seq\":1,"));
  JobLog{path, Mode::append}.write(job(2));
  CHECK(has(bytes_of(path + ".jsonl"), "{\"seq\":1,\n{\"seq\":2,"));
}

TEST_CASE("a log is read back as it was written, commands of several lines and with tabs, too") {
  TemporaryFolder const folder;
  auto const path = (folder / "log").string();
  auto written = job(5, "a\tb\nc");
  written.exit_value = -1;
  written.signal = 15;
  JobLog{path, Mode::fresh}.write(written);
  auto const lines = read_job_log_lines(path);
  REQUIRE(lines.size() == 1);
  CHECK(lines[0].seq == 5);
  CHECK(lines[0].runtime == 1322ms);
  CHECK(lines[0].exit_value == -1);
  CHECK(lines[0].signal == 15);
  CHECK(lines[0].command == "a\tb\nc");
}

TEST_CASE("columns may be added, in any order") {
  TemporaryFolder const folder;
  auto const path = folder.file("log", "Command\tJobRuntime\tNode\tSeq\tExitval\necho a\t0.5\t7\t3\t0\textra\n");
  auto const lines = read_job_log_lines(path);
  REQUIRE(lines.size() == 1);
  CHECK(lines[0].seq == 3);
  CHECK(lines[0].command == "echo a");
  CHECK(lines[0].exit_value == 0);
}

TEST_CASE("a log that is not one is refused with its line and what is wrong in it") {
  TemporaryFolder const folder;
  auto const refusal = [&](std::string const& bytes) {
    auto const path = folder.file("log", bytes);
    CHECK_THROWS_AS(read_job_log_lines(path), InputOutputError);
    return text_thrown_by([&] { static_cast<void>(read_job_log_lines(path)); });
  };
  CHECK(has(refusal("notes\n"), "line 1 "));
  CHECK(has(refusal(header + line(0, "1.0\t0\t0\t0\t0\ttrue")), "`0`"));
  CHECK(has(refusal(header + line(1, "1.0\t0\t0\tno\t0\ttrue")), "Exitval `no`"));
  CHECK(has(refusal(header + line(1, "1.0\t0\t0\t0\tTERM\ttrue")), "Signal `TERM`"));
  CHECK(has(refusal(header + "\n7\t:\n"), "line 3 "));
  CHECK_THROWS_AS(read_job_log_lines((folder / "absent").string()), InputOutputError);
}

TEST_CASE("a job log without lines has nothing finished") {
  TemporaryFolder const folder;
  CHECK(read_job_log_lines(folder.file("log", "")).empty());
  CHECK(read_job_log_lines(folder.file("log", header)).empty());
  CHECK(finished_seqs({}, Again::nothing).empty());
}

TEST_CASE("a resume skips what the log names, in order and without gaps of its own") {
  CHECK(finished_seqs({ended(3), ended(1, 1), ended(7, 0, 9), ended(2), ended(3)}, Again::nothing) ==
        std::vector<JobSpan>{{JobId{0}, 3}, {JobId{6}, 1}});
}

TEST_CASE("a resume of failed jobs skips those whose last line is a success") {
  CHECK(finished_seqs({ended(1, 1), ended(2), ended(3, 0, 9), ended(4), ended(1), ended(4, 2), ended(5, -1)},
                      Again::failed) == std::vector<JobSpan>{{JobId{0}, 2}});
}

TEST_CASE("a line that does not say how its job ended is no success") {
  TemporaryFolder const folder;
  auto const lines = read_job_log_lines(folder.file("log", header + line(1, "1.0")));
  CHECK(finished_seqs(lines, Again::failed).empty());
}

TEST_CASE("an earlier run tells what a command takes: its mean, or that of all for a command it does not know") {
  EarlierTimes const times{{{1, 1s, 0, 0, "a"}, {2, 3s, 0, 0, "a"}, {3, 8s, 0, 0, "b"}}};
  CHECK(times.of("a") == Approx(2));
  CHECK(times.of("b") == Approx(8));
  CHECK(times.of("c") == Approx(4));
  CHECK(EarlierTimes{{}}.of("a") == 0);
}

TEST_CASE("a log that cannot be written is an error, a full disk too") {
  TemporaryFolder const folder;
  CHECK_THROWS_AS((JobLog{(folder / "no/log").string(), Mode::fresh}), InputOutputError);
  CHECK_THROWS_AS((JobLog{folder.path().string(), Mode::append}), InputOutputError);
  auto const full = text_thrown_by([] { JobLog{"/dev/full", Mode::fresh}; });
  CHECK(has(full, "No space left"));
  CHECK(!std::filesystem::exists("/dev/full.jsonl"));
}

}  // namespace ballast
