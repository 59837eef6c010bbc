// Every byte of a text is in exactly one job, in order, however it is batched and read.
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <csignal>
#include <fstream>
#include <numeric>
#include <random>
#include <thread>

#include "ballast/core/error.hpp"
#include "ballast/problem/reference.hpp"
#include "ballast/problem/text_splitter.hpp"
#include "core/descriptor.hpp"
#include "problem/input_file.hpp"
#include "problem/text_index.hpp"
#include "problem/text_stream.hpp"
#include "support/catch.hpp"
#include "support/child.hpp"
#include "support/temporary_folder.hpp"
#include "support/thrown.hpp"

using namespace ballast;
using testing::has;
using testing::TemporaryFolder;
using testing::text_thrown_by;
using Jobs = std::vector<std::string>;

namespace {

/// The rule again, in its plainest form.
Jobs jobs_of(std::string_view text, Batch const& batch, char mark) {
  Jobs records;
  while (!text.empty()) {
    auto const end = text.find(mark);
    auto const size = end == std::string_view::npos ? text.size() : end + 1;
    records.emplace_back(text.substr(0, size));
    text.remove_prefix(size);
  }
  Jobs jobs;
  std::uint64_t in_last = 0;
  for (auto const& record : records) {
    auto const* const bytes = std::get_if<BatchBytes>(&batch);
    auto const joins = bytes != nullptr ? !jobs.empty() && jobs.back().size() + record.size() <= bytes->limit
                                        : in_last % std::get<BatchRecords>(batch).count != 0;
    ++in_last;
    if (joins) {
      jobs.back() += record;
    } else {
      jobs.push_back(record);
    }
  }
  return jobs;
}

Jobs read_all(Splitter& splitter) {
  Jobs jobs;
  if (auto* const stream = std::get_if<std::unique_ptr<StreamSplitter>>(&splitter)) {
    while (auto job = (*stream)->next()) jobs.push_back(*job);
  } else {
    auto& indexed = *std::get<std::unique_ptr<IndexedSplitter>>(splitter);
    for (std::uint64_t id = 0; id < indexed.count(); ++id) jobs.push_back(indexed.read(JobId{id}));
  }
  return jobs;
}

Jobs read_all(TextOptions const& options) {
  auto splitter = make_text_splitter(options);
  return read_all(splitter);
}

/// The same inputs as a stream.
Jobs stream_all(TextOptions const& options) {
  Splitter splitter = std::make_unique<StreamedText>(options);
  return read_all(splitter);
}

std::string joined(Jobs const& jobs) { return std::accumulate(jobs.begin(), jobs.end(), std::string{}); }

std::string random_text(std::mt19937& random, char mark) {
  std::string text(random() % 3000, ' ');
  auto const density = 1 + random() % 60;
  std::string const others = mark == '\n' ? std::string{"a\r\0\xff ", 5} : std::string{"a\r\n\xff ", 5};
  for (auto& byte : text) byte = random() % density == 0 ? mark : others[random() % others.size()];
  return text;
}

Batch random_batch(std::mt19937& random) {
  if (random() % 2 == 0) return BatchRecords{1 + random() % 7};
  return BatchBytes{1 + random() % 200};
}

bool is_indexed(Splitter const& splitter) { return std::holds_alternative<std::unique_ptr<IndexedSplitter>>(splitter); }

}  // namespace

TEST_CASE("random texts are cut by the rule, from files and from streams, with both record ends") {
  TemporaryFolder const folder;
  std::mt19937 random{2};
  for (int round = 0; round < 400; ++round) {
    auto const end = round % 2 == 0 ? RecordEnd::newline : RecordEnd::null;
    auto const first = random_text(random, static_cast<char>(end));
    auto const second = random_text(random, static_cast<char>(end));
    TextOptions const options{{folder.file("a", first), folder.file("empty", ""), folder.file("b", second)},
                              end,
                              random_batch(random),
                              JobContent::records};
    auto expected = jobs_of(first, options.batch, static_cast<char>(end));
    for (auto& job : jobs_of(second, options.batch, static_cast<char>(end))) expected.push_back(job);
    REQUIRE(read_all(options) == expected);
    REQUIRE(stream_all(options) == expected);
  }
}

TEST_CASE("an index that keeps only some offsets gives the same jobs in any order") {
  TemporaryFolder const folder;
  std::mt19937 random{3};
  for (int round = 0; round < 200; ++round) {
    TextOptions const options{
        {folder.file("a", random_text(random, '\n')), folder.file("b", random_text(random, '\n'))},
        RecordEnd::newline,
        random_batch(random),
        JobContent::records};
    auto const expected = read_all(options);
    IndexedText text{options, 2 + random() % 12};
    auto const count = text.count();
    REQUIRE(count == expected.size());
    for (auto id = count; id-- > 0;) REQUIRE(text.read(JobId{id}) == expected[id]);
    auto const stride = 1 + random() % 9;
    for (std::uint64_t first = 0; first < stride; ++first) {
      for (auto id = first; id < count; id += stride) REQUIRE(text.read(JobId{id}) == expected[id]);
    }
  }
}

TEST_CASE("jobs of more blocks than are remembered do not get mixed up") {
  TemporaryFolder const folder;
  std::string text;
  for (int i = 0; i < 5000; ++i) text += std::to_string(i) + "\n";
  IndexedText indexed{{.inputs = {folder.file("text", text)}, .batch = BatchRecords{1}}, 1000};
  REQUIRE(indexed.count() == 5000);
  std::mt19937 random{5};
  for (int i = 0; i < 20000; ++i) {
    auto const id = random() % 5000;
    REQUIRE(indexed.read(JobId{id}) == std::to_string(id) + "\n");
  }
}

TEST_CASE("offsets are kept for every 2nd, 4th, 8th job as there are more, and never more than the limit") {
  JobOffsets offsets{8};
  for (std::uint64_t job = 0; job < 1000; ++job) {
    offsets.add(10 * job);
    auto const last = job / offsets.stride();
    REQUIRE(last < 8);
    REQUIRE(offsets.kept(last) == 10 * last * offsets.stride());
  }
  CHECK(offsets.count() == 1000);
  CHECK(offsets.stride() == 128);
}

TEST_CASE("records about as large as the buffers are cut by the rule") {
  TemporaryFolder const folder;
  std::mt19937 random{6};
  for (auto const limit : {std::uint64_t{500'000}, std::uint64_t{2'000'000}, std::uint64_t{5'000'000}}) {
    std::string text;
    for (char mark = 'a'; mark < 'q'; ++mark) text += std::string(random() % 2'000'000, mark) + "\n";
    TextOptions const options{.inputs = {folder.file("text", text)}, .batch = BatchBytes{limit}};
    auto const expected = jobs_of(text, options.batch, '\n');
    CHECK((read_all(options) == expected));
    CHECK((stream_all(options) == expected));
  }
}

TEST_CASE("odd texts keep every byte") {
  TemporaryFolder const folder;
  auto const batch = GENERATE(Batch{BatchBytes{1}}, Batch{BatchBytes{4}}, Batch{BatchBytes{}}, Batch{BatchRecords{1}},
                              Batch{BatchRecords{1000}}, Batch{BatchBytes{~std::uint64_t{0}}});
  std::vector<std::string> const texts{"x", "\n", "\n\n\n", "no end", "one\ntwo", "dos\r\nlines\r\n", {"\0\0a\0\n", 5}};
  for (auto const& text : texts) {
    TextOptions const options{{folder.file("text", text)}, RecordEnd::newline, batch, JobContent::records};
    CHECK(joined(read_all(options)) == text);
    CHECK(stream_all(options) == read_all(options));
  }
}

TEST_CASE("an empty file has no jobs") {
  TemporaryFolder const folder;
  auto splitter = make_text_splitter({.inputs = {folder.file("empty", "")}});
  REQUIRE(is_indexed(splitter));
  CHECK(read_all(splitter).empty());
  CHECK(stream_all({.inputs = {folder.file("empty", "")}}).empty());
}

TEST_CASE("a line of 100 MB is one job and its neighbours are untouched") {
  TemporaryFolder const folder;
  std::string const line(100'000'000, 'l');
  TextOptions const options{.inputs = {folder.file("long", "before\n" + line + "\nafter")}};
  Jobs const expected{"before\n", line + "\n", "after"};
  CHECK((read_all(options) == expected));
  CHECK((stream_all(options) == expected));
}

TEST_CASE("a pipe is streamed, however slowly its bytes come") {
  TemporaryFolder const folder;
  auto const pipe = (folder / "pipe").string();
  REQUIRE(::mkfifo(pipe.c_str(), 0600) == 0);
  auto splitter = make_text_splitter({.inputs = {pipe}, .batch = BatchBytes{6}});
  REQUIRE_FALSE(is_indexed(splitter));
  std::jthread const writer{[&] {
    std::ofstream to{pipe};
    for (char const byte : std::string_view{"one\ntwo\nthree\nfour"}) to.put(byte).flush();
  }};
  CHECK(read_all(splitter) == Jobs{"one\n", "two\n", "three\n", "four"});
}

TEST_CASE("a line that is a job of its own is handed on before the next one is typed") {
  int ends[2];
  REQUIRE(::pipe(ends) == 0);
  Descriptor const writing{ends[1]};
  StreamWindow window{Descriptor{ends[0]}, "pipe"};
  write_all(writing.number(), "typed\n");
  auto const end = end_of_job(window, 0, BatchRecords{1}, RecordEnd::newline);
  CHECK(window.take(end) == "typed\n");
}

TEST_CASE("files of /proc, which claim to be empty, are streamed") {
  auto splitter = make_text_splitter({.inputs = {"/proc/self/cmdline"}, .record_end = RecordEnd::null});
  CHECK_FALSE(is_indexed(splitter));
  CHECK(joined(read_all(splitter)) == testing::bytes_of("/proc/self/cmdline"));
}

TEST_CASE("standard input is streamed, alone and between files") {
  TemporaryFolder const folder;
  auto const piped = folder.file("piped", "c\nd\n");
  auto const file = folder.file("file", "a\nb");
  auto const text = testing::thrown_in_child([&] {
    ::dup2(open_input(piped).number(), 0);
    auto const alone = read_all({.inputs = {}});
    ::lseek(0, 0, SEEK_SET);
    auto const between = read_all({.inputs = {file, "-", file}, .batch = BatchRecords{2}});
    if (alone != Jobs{"c\nd\n"}) throw std::runtime_error{"alone"};
    if (between != Jobs{"a\nb", "c\nd\n", "a\nb"}) throw std::runtime_error{"between"};
  });
  CHECK(text.empty());
}

TEST_CASE("inputs that are missing or folders are named before anything is read") {
  TemporaryFolder const folder;
  auto const good = folder.file("good", "a\n");
  auto const missing = (folder / "missing").string();
  CHECK(text_thrown_by([&] {
          static_cast<void>(make_text_splitter({.inputs = {"-", good, missing}}));
        }) == "cannot read " + missing + " (No such file or directory); check the path");
  CHECK(text_thrown_by([&] { static_cast<void>(make_text_splitter({.inputs = {folder.path().string()}})); }) ==
        "cannot read " + folder.path().string() + " (it is a directory); name files");
  CHECK_THROWS_AS(make_text_splitter({.inputs = {missing}}), InputOutputError);
}

TEST_CASE("an input that may not be read is an error, not an empty dataset") {
  TemporaryFolder const folder;
  auto const file = folder.file("secret", "a\n");
  auto const pipe = (folder / "pipe").string();
  REQUIRE(::mkfifo(pipe.c_str(), 0600) == 0);
  std::filesystem::permissions(folder.path(), std::filesystem::perms::all);
  for (auto const& path : {file, pipe}) {
    std::filesystem::permissions(path, std::filesystem::perms::none);
    auto const text = testing::thrown_in_child([&] {
      if (::geteuid() == 0 && ::seteuid(65534) != 0) throw std::runtime_error{"cannot become nobody"};
      static_cast<void>(make_text_splitter({.inputs = {path}}));
    });
    CHECK(text == "cannot read " + path + " (Permission denied); make it readable");
  }
}

TEST_CASE("a file that changes after its index was made is an error") {
  TemporaryFolder const folder;
  auto const path = folder.file("text", "one\ntwo\nthree\n");
  IndexedText text{{.inputs = {path}, .batch = BatchRecords{1}}};
  CHECK(text.read(JobId{1}) == "two\n");
  SECTION("it grew") { std::ofstream{path, std::ios::app} << "four\n"; }
  SECTION("it grew, and its time was set back") {
    auto const before = std::filesystem::last_write_time(path);
    std::ofstream{path, std::ios::app} << "four\n";
    std::filesystem::last_write_time(path, before);
  }
  SECTION("it shrank") { std::filesystem::resize_file(path, 5); }
  SECTION("it was written again") {
    using namespace std::chrono_literals;
    std::filesystem::last_write_time(path, std::filesystem::last_write_time(path) + 1s);
  }
  CHECK(has(text_thrown_by([&] { static_cast<void>(text.read(JobId{0})); }), "(it has changed since the run began)"));
  CHECK_THROWS_AS(text.read(JobId{2}), InputOutputError);
}

TEST_CASE("more files than may be open are read all the same") {
  TemporaryFolder const folder;
  TextOptions options;
  std::string expected;
  for (int i = 0; i < 200; ++i) {
    options.inputs.push_back(folder.file(std::to_string(i), std::to_string(i) + "\n"));
    expected += std::to_string(i) + "\n";
  }
  auto const open_before = std::distance(std::filesystem::directory_iterator{"/proc/self/fd"}, {});
  IndexedText text{options};
  std::string all;
  for (std::uint64_t id = 0; id < text.count(); ++id) all += text.read(JobId{id});
  CHECK(all == expected);
  CHECK(text.read(JobId{0}) == "0\n");
  CHECK(std::distance(std::filesystem::directory_iterator{"/proc/self/fd"}, {}) <= open_before + 64);
}

TEST_CASE("by reference, jobs stand for the same bytes, and only files will do") {
  TemporaryFolder const folder;
  TextOptions options{.inputs = {folder.file("a", "one\ntwo\nthree\n"), folder.file("b", "four")},
                      .batch = BatchBytes{8}};
  auto const records = read_all(options);
  options.content = JobContent::reference;
  Jobs resolved;
  for (auto const& job : read_all(options)) resolved.push_back(resolve_reference(job));
  CHECK(resolved == records);
  options.inputs.emplace_back("-");
  CHECK_THROWS_AS(make_text_splitter(options), UsageError);
}

TEST_CASE("the identity of a dataset changes with its inputs and its batches, not with its folder or its times") {
  TemporaryFolder const folder;
  TemporaryFolder const elsewhere;
  TextOptions const options{.inputs = {folder.file("a.txt", "one\n")}};
  auto same = options;
  same.inputs = {elsewhere.file("a.txt", "two\n")};
  std::filesystem::last_write_time(same.inputs[0], {});
  CHECK(identity(same) == identity(options));
  CHECK(identity(options) == "a.txt (4 bytes), lines, batches of 65536 bytes");
  CHECK(identity({.inputs = {}}) == "standard input, lines, batches of 65536 bytes");

  auto larger = options;
  larger.inputs = {elsewhere.file("a.txt", "three\n")};
  auto null_ended = options;
  null_ended.record_end = RecordEnd::null;
  auto counted = options;
  counted.batch = BatchRecords{65536};
  auto referred = options;
  referred.content = JobContent::reference;
  for (auto const& other : {larger, null_ended, counted, referred}) CHECK(identity(other) != identity(options));
}

TEST_CASE("by reference, a file that was written again is another dataset, for nobody looks into it") {
  TemporaryFolder const folder;
  TextOptions const options{.inputs = {folder.file("a.txt", "one\n")}, .content = JobContent::reference};
  auto const before = identity(options);
  CHECK(has(before, "a.txt (4 bytes, changed "));
  std::filesystem::last_write_time(options.inputs[0], {});
  CHECK(identity(options) != before);
}

namespace {

/// What jobs there are when `bytes` are on standard input.
Jobs read_with_input(TemporaryFolder const& folder, std::string const& bytes, TextOptions const& options) {
  auto const own = Descriptor{::dup(0)};
  REQUIRE(::dup2(open_input(folder.file("piped", bytes)).number(), 0) == 0);
  auto jobs = read_all(options);
  REQUIRE(::dup2(own.number(), 0) == 0);
  return jobs;
}

}  // namespace

TEST_CASE("standard input that is kept is whole, for its owner alone, and read once only") {
  TemporaryFolder const folder;
  TextOptions options{.inputs = {folder.file("file", "a\nb\n"), "-", "-"}, .batch = BatchRecords{1}};
  auto const before = identity(options);
  auto const large = std::string(1 << 20, 'c') + "\n";
  auto const unkept = read_with_input(folder, large + "d", options);
  options.keep = folder / "input";
  CHECK(read_with_input(folder, large + "d", options) == unkept);
  CHECK(testing::bytes_of(options.keep) == large + "d");
  CHECK(std::filesystem::status(options.keep).permissions() == std::filesystem::perms{0600});
  CHECK_FALSE(std::filesystem::exists(folder / "input.partial"));
  CHECK(read_with_input(folder, "something else", options) == unkept);
  CHECK(identity(options) == before);
  CHECK(std::get<1>(make_text_splitter(options))->count() == 4);
  options.content = JobContent::reference;
  CHECK(resolve_reference(read_all(options).back()) == "d");
}

TEST_CASE("standard input of which only a part was kept is read again from its beginning") {
  TemporaryFolder const folder;
  TextOptions const options{.inputs = {"-"}, .batch = BatchRecords{1}, .keep = folder / "input"};
  static_cast<void>(folder.file("input.partial", "old, and longer than what comes now\n"));
  CHECK(read_with_input(folder, "new\n", options) == Jobs{"new\n"});
  CHECK(testing::bytes_of(options.keep) == "new\n");
}

TEST_CASE("standard input that cannot be kept is an error and leaves nothing") {
  TemporaryFolder const folder;
  auto const input = folder.file("piped", std::string(5000, 'x'));
  auto const kept_as = [&](std::filesystem::path const& keep) {
    return testing::thrown_in_child([&] {
      std::signal(SIGXFSZ, SIG_IGN);
      ::rlimit const limit{1000, 1000};
      if (::setrlimit(RLIMIT_FSIZE, &limit) != 0) throw std::runtime_error{"cannot set a limit"};
      ::dup2(open_input(input).number(), 0);
      static_cast<void>(make_text_splitter({.inputs = {}, .keep = keep}));
    });
  };
  auto const refused = "cannot keep standard input as " + folder.path().string();
  CHECK(kept_as(folder / "input") ==
        refused + "/input (File too large); free some space and start again, with the same input");
  CHECK(has(kept_as(folder / "none" / "input"), refused + "/none/input (No such file or directory); "));
  CHECK(std::distance(std::filesystem::directory_iterator{folder.path()}, {}) == 1);
}

TEST_CASE("a missing file, or one that will not do, is told before standard input is waited for and kept") {
  TemporaryFolder const folder;
  auto const missing = (folder / "missing").string();
  CHECK(has(text_thrown_by([&] {
              static_cast<void>(make_text_splitter({.inputs = {"-", missing}, .keep = folder / "input"}));
            }),
            "cannot read " + missing));
  TextOptions const mixed{.inputs = {"-", "/dev/null"}, .content = JobContent::reference, .keep = folder / "input"};
  CHECK_THROWS_AS(make_text_splitter(mixed), UsageError);
  CHECK(std::filesystem::is_empty(folder.path()));
}
