// Tasks are counted as a reader counts them, and come again the same, whatever they are read from.
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <stdexcept>
#include <thread>

#include "ballast/core/error.hpp"
#include "ballast/problem/task_list.hpp"
#include "core/descriptor.hpp"
#include "support/catch.hpp"
#include "support/child.hpp"
#include "support/temporary_folder.hpp"
#include "support/thrown.hpp"

namespace ballast {
namespace {

using testing::has;
using testing::TemporaryFolder;
using testing::text_thrown_by;
using testing::thrown_in_child;
using Words = std::vector<std::string>;

Words commands_of(TaskList const& tasks) {
  Words commands;
  for (std::uint64_t id = 0; id < tasks.count(); ++id) commands.push_back(command_of_task(tasks.read(JobId{id})));
  return commands;
}
Words commands_of(TaskOptions const& options) { return commands_of(TaskList{options}); }

TaskOptions lines_of(std::string const& path) { return {.tasks = TaskFile{path}}; }
TaskSource given(Words values) { return {std::move(values)}; }
TaskSource from(std::filesystem::path path) { return {std::move(path)}; }
TaskOptions filled(Words words, std::vector<TaskSource> sources) {
  return {.tasks = TaskTemplate{.words = std::move(words), .sources = std::move(sources)}};
}

/// Runs in a child: standard input is this file.
void read_from(std::string const& path) {
  Descriptor const file{::open(path.c_str(), O_RDONLY)};
  ::dup2(file.number(), STDIN_FILENO);
}

}  // namespace

TEST_CASE("the lines of a file are commands for the shell; blank ones and comments are counted, and skipped") {
  TemporaryFolder const folder;
  TaskList const tasks{lines_of(folder.file("tasks", "\n# first\necho 'a b' | wc\n  \t\n  # x\ntrue #1"))};
  CHECK(tasks.count() == 6);
  CHECK(words_of_task(tasks.read(JobId{2})) == Words{"/bin/sh", "-c", "echo 'a b' | wc"});
  CHECK(command_of_task(tasks.read(JobId{5})) == "true #1");
  CHECK(tasks.arguments(JobId{2}) == "echo 'a b' | wc");
  CHECK(tasks.skipped() == std::vector<JobSpan>{{JobId{0}, 2}, {JobId{3}, 2}});
}

TEST_CASE("a file without lines is a list without tasks") {
  TemporaryFolder const folder;
  TaskList const tasks{lines_of(folder.file("tasks", ""))};
  CHECK(tasks.count() == 0);
  CHECK(tasks.skipped().empty());
}

TEST_CASE("all values meet all others, the last source fastest") {
  CHECK(commands_of(filled({"echo"}, {given({"1", "2"}), given({"a", "b"})})) ==
        Words{"echo 1 a", "echo 1 b", "echo 2 a", "echo 2 b"});
  CHECK(commands_of(filled({"echo {#}{1}{2} {3}"}, {given({"a"}), given({"b"}), given({"c", "d"})})) ==
        Words{"echo 1ab c", "echo 2ab d"});
}

TEST_CASE("linked values go in step, and a shorter source begins again") {
  auto options = filled({"echo"}, {given({"1", "2", "3"}), given({"a", "b"})});
  std::get<TaskTemplate>(options.tasks).combination = Combination::linked;
  CHECK(commands_of(options) == Words{"echo 1 a", "echo 2 b", "echo 3 a"});
}

TEST_CASE("a source without values leaves nothing to do, linked or not") {
  for (auto const combination : {Combination::all, Combination::linked}) {
    auto options = filled({"echo"}, {given({"1"}), given({})});
    std::get<TaskTemplate>(options.tasks).combination = combination;
    CHECK(TaskList{options}.count() == 0);
  }
}

TEST_CASE("a header names the values, and is none of them") {
  TemporaryFolder const folder;
  auto options = filled({"echo {f}-{g} {f.}"}, {from(folder.file("f", "f\na.b\nc\n")), given({"g", "3"})});
  std::get<TaskTemplate>(options.tasks).header = TaskHeader::names;
  CHECK(commands_of(options) == Words{"echo a.b-3 a", "echo c-3 c"});
}

TEST_CASE("columns of a line are values of their own, also of several sources") {
  TemporaryFolder const folder;
  TaskTemplate columns{.words = {"echo {1}-{2}"}, .sources = {from(folder.file("c", "a\tb\nx y\tz\n1\n"))}};
  columns.column_separator = "\t";
  CHECK(commands_of({.tasks = columns}) == Words{"echo a-b", "echo 'x y'-z", "echo 1-"});
  columns.header = TaskHeader::names;
  columns.words = {"echo {b}-{a}"};
  CHECK(commands_of({.tasks = columns}) == Words{"echo z-'x y'", "echo -1"});
  columns.header = TaskHeader::none;
  columns.words = {"echo"};
  CHECK(commands_of({.tasks = columns}) == Words{"echo a b", "echo 'x y' z", "echo 1"});
  CHECK(commands_of({.tasks = TaskTemplate{.words = {"{1}-{2}-{3}"},
                                           .sources = {given({"a::b"}), given({"c"})},
                                           .column_separator = "::"}}) == Words{"a-b-c"});
}

TEST_CASE("what tells a task from the others is its values") {
  CHECK(TaskList{filled({"true", "{#}"}, {given({"a b"}), given({"", "c"})})}.arguments(JobId{1}) == "a b c");
}

TEST_CASE("a blank line of a file of values is an empty value") {
  TemporaryFolder const folder;
  CHECK(commands_of(filled({"echo {}"}, {from(folder.file("v", "a\n\nb"))})) == Words{"echo a", "echo ''", "echo b"});
}

TEST_CASE("the command of a program's task is written as a shell reads it") {
  TaskList const tasks{filled({"python3", "-c", "{}"}, {given({"print(1)"})})};
  CHECK(command_of_task(tasks.read(JobId{0})) == "python3 -c 'print(1)'");
  CHECK(words_of_task(tasks.read(JobId{0})) == Words{"python3", "-c", "print(1)"});
  CHECK(words_of_task(std::string_view{"a\0\0b\0", 5}) == Words{"a", "", "b"});
}

TEST_CASE("another shell is told the same, and is known again") {
  TemporaryFolder const folder;
  auto options = lines_of(folder.file("tasks", "echo a\n"));
  options.shell = "/bin/bash";
  auto const payload = TaskList{options}.read(JobId{0});
  CHECK(words_of_task(payload) == Words{"/bin/bash", "-c", "echo a"});
  CHECK(command_of_task(payload, "/bin/bash") == "echo a");
}

TEST_CASE("shuffled tasks are all there, change their places, and do so the same way for the same seed") {
  TemporaryFolder const folder;
  std::string text = "# no task\n";
  for (int i = 0; i < 500; ++i) text += "echo " + std::to_string(i) + "\n";
  auto options = lines_of(folder.file("tasks", text));
  auto const in_order = commands_of(options);
  options.shuffle_seed = 1;
  TaskList const tasks{options};
  auto shuffled = commands_of(tasks);
  CHECK(shuffled != in_order);
  CHECK(std::is_permutation(shuffled.begin(), shuffled.end(), in_order.begin(), in_order.end()));
  CHECK(commands_of(options) == shuffled);
  REQUIRE(tasks.skipped().size() == 1);
  CHECK(shuffled[tasks.skipped()[0].first.value()] == "# no task");
  options.shuffle_seed = 2;
  CHECK(commands_of(options) != shuffled);
}

TEST_CASE("a shuffle is the same on every machine") {
  auto options = filled({"{}"}, {given({"a", "b", "c", "d", "e", "f"})});
  options.shuffle_seed = 42;
  CHECK(commands_of(options) == Words{"d", "b", "f", "c", "e", "a"});
}

TEST_CASE("a shuffled task is numbered by the place it has come to") {
  auto options = filled({"{#}"}, {given({"a", "b", "c"})});
  options.shuffle_seed = 3;
  CHECK(commands_of(options) == Words{"1", "2", "3"});
}

TEST_CASE("the 2^63rd task is numbered, one more is refused, and so are too many to shuffle") {
  Words const two{"0", "1"};
  auto options = filled({"{#}"}, std::vector<TaskSource>(63, given(two)));
  TaskList const tasks{options};
  CHECK(tasks.count() == std::uint64_t{1} << 63);
  CHECK(command_of_task(tasks.read(JobId{tasks.count() - 1})) == "9223372036854775808");
  CHECK(has(tasks.arguments(JobId{tasks.count() - 2}), "1 1 0"));
  options.shuffle_seed = 1;
  CHECK_THROWS_AS(TaskList{options}, UsageError);
  CHECK_THROWS_AS((TaskList{filled({"{#}"}, std::vector<TaskSource>(64, given(two)))}), UsageError);
}

TEST_CASE("a NUL in a value is refused with its place") {
  TemporaryFolder const folder;
  auto const file = folder.file("v", std::string{"a\nb\0c\n", 6});
  CHECK_THROWS_AS(TaskList{lines_of(file)}, UsageError);
  CHECK(has(text_thrown_by([&] { TaskList{lines_of(file)}; }), "line 2 of "));
  CHECK(has(text_thrown_by([&] { TaskList{filled({"echo"}, {from(file)})}; }), "line 2 of "));
  CHECK_THROWS_AS((TaskList{filled({"echo"}, {given({std::string{"\0", 1}})})}), UsageError);
}

TEST_CASE("a template without a source, and standard input twice, are refused") {
  CHECK_THROWS_AS((TaskList{filled({"echo"}, {})}), UsageError);
  CHECK_THROWS_AS((TaskList{filled({"echo"}, {from("-"), from("-")})}), UsageError);
}

TEST_CASE("a file that is missing, a folder, or changes under the run is an error of input") {
  TemporaryFolder const folder;
  CHECK_THROWS_AS(TaskList{lines_of((folder / "absent").string())}, InputOutputError);
  CHECK_THROWS_AS((TaskList{filled({"echo"}, {from("-"), from(folder.path())})}), InputOutputError);
  std::string text;
  for (int i = 0; i < 100'000; ++i) text += "echo " + std::to_string(i) + "\n";
  TaskList const tasks{lines_of(folder.file("tasks", text))};
  static_cast<void>(folder.file("tasks", "echo other\n"));
  CHECK_THROWS_AS(tasks.read(JobId{99}), InputOutputError);
}

TEST_CASE("standard input is read to its end, and kept where that is wanted") {
  TemporaryFolder const folder;
  auto const input = folder.file("input", "echo a\necho b\n");
  auto const keep = folder / "kept";
  auto const expect = [](TaskOptions const& options, Words const& commands) {
    if (commands_of(options) != commands) throw std::runtime_error{"other tasks"};
  };
  auto const wrong = thrown_in_child([&] {
    read_from(input);
    expect(lines_of("-"), {"echo a", "echo b"});
    read_from(input);
    auto options = filled({"{2} {1}"}, {given({"1", "2"}), from("-")});
    options.keep = keep;
    for (auto round = 0; round < 2; ++round) expect(options, {"'echo a' 1", "'echo b' 1", "'echo a' 2", "'echo b' 2"});
  });
  CHECK(wrong.empty());
  CHECK(testing::bytes_of(keep) == "echo a\necho b\n");
}

TEST_CASE("values from a pipe can be read again and again") {
  TemporaryFolder const folder;
  auto const pipe = (folder / "pipe").string();
  REQUIRE(::mkfifo(pipe.c_str(), 0600) == 0);
  std::thread writer{[&] {
    Descriptor const end{::open(pipe.c_str(), O_WRONLY)};
    write_all(end.number(), "a\nb\n");
  }};
  TaskList const tasks{filled({"{}"}, {given({"1", "2"}), from(pipe)})};
  writer.join();
  CHECK(commands_of(tasks) == Words{"1 a", "1 b", "2 a", "2 b"});
}

TEST_CASE("several threads read one list") {
  TemporaryFolder const folder;
  constexpr std::uint64_t count = 100'000;
  std::string text;
  for (std::uint64_t i = 0; i < count; ++i) text += std::to_string(i) + "\n";
  auto const tasks = std::make_shared<TaskList const>(lines_of(folder.file("tasks", text)));
  auto splitter = make_task_splitter(tasks);
  auto& indexed = *std::get<std::unique_ptr<IndexedSplitter>>(splitter);
  std::atomic<int> wrong{0};
  std::thread other{[&] {
    for (auto id = count; id-- > 0;) wrong += tasks->arguments(JobId{id}) != std::to_string(id);
  }};
  for (std::uint64_t id = 0; id < indexed.count(); ++id)
    wrong += command_of_task(indexed.read(JobId{id})) != std::to_string(id);
  other.join();
  CHECK(wrong == 0);
}

TEST_CASE("what makes the tasks the same is in their identity, and folders are not") {
  TemporaryFolder const folder;
  TemporaryFolder const other;
  auto const one = filled({"echo", "{}"}, {given({"a b", "c"}), from(folder.file("v", "1\n"))});
  auto const same = filled({"echo", "{}"}, {given({"a b", "c"}), from(other.file("v", "2\n"))});
  CHECK(identity(one) == identity(same));
  std::vector<TaskOptions> all(12, one);
  auto const edit = [&](std::size_t number) -> TaskTemplate& { return std::get<TaskTemplate>(all[number].tasks); };
  edit(1).words = {"echo {}"};
  edit(2).sources[0] = given({"a", "b", "c"});
  edit(3).sources[0] = given({"a b", "c), values (d"});
  edit(4).sources[1] = from(other.file("v2", "1\n"));
  edit(5).sources[1] = from(folder.file("longer", "1\n2\n"));
  edit(6).combination = Combination::linked;
  edit(7).header = TaskHeader::names;
  edit(8).column_separator = ",";
  all[9].shell = "/bin/bash";
  all[10].shuffle_seed = 0;
  all[11].tasks = TaskFile{folder.file("v", "1\n")};
  Words identities;
  for (auto const& options : all) identities.push_back(identity(options));
  std::sort(identities.begin(), identities.end());
  CHECK(std::unique(identities.begin(), identities.end()) == identities.end());
}

TEST_CASE("the identity of many values, or of values with newlines, is still one short line that tells them apart") {
  auto const many = identity(filled({"echo"}, {given(Words(1000, "value"))}));
  CHECK(many.size() < 200);
  CHECK(many != identity(filled({"echo"}, {given(Words(1000, "other"))})));
  CHECK(!has(identity(filled({"a\nb"}, {given({"c\nd"})})), "\n"));
}

}  // namespace ballast
