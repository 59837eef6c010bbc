// A template is filled in as GNU parallel does it, and a value never becomes two arguments or a piece of shell.
#include <sys/wait.h>

#include <cstdio>

#include "ballast/core/error.hpp"
#include "ballast/core/shell.hpp"
#include "problem/task_template.hpp"
#include "support/catch.hpp"
#include "support/thrown.hpp"

namespace ballast {
namespace {

using testing::has;
using testing::text_thrown_by;
using Words = std::vector<std::string>;

/// What the shell is told for a template of one word.
std::string shell_text(std::string const& word, Words const& values, Words const& names = {}) {
  CommandTemplate const command{{word}, {names, values.size()}, "/bin/sh"};
  auto const words = command.fill(1, values);
  CHECK(Words{words.begin(), words.end() - 1} == Words{"/bin/sh", "-c"});
  return words.back();
}

Words program(Words const& words, Words const& values) {
  return CommandTemplate{words, {{}, values.size()}, "/bin/sh"}.fill(7, values);
}

std::string printed_by_shell(std::string const& command) {
  auto* const pipe = ::popen(command.c_str(), "r");
  std::string text(4096, '\0');
  text.resize(std::fread(text.data(), 1, text.size(), pipe));
  CHECK(::pclose(pipe) == 0);
  return text;
}

}  // namespace

TEST_CASE("the parts of a value are those of GNU parallel") {
  struct Row {
    std::string value, without_ending, file_name, folder, bare_file_name;
  };
  for (auto const& row : std::vector<Row>{{"/a/b.c/d.tar.gz", "/a/b.c/d.tar", "d.tar.gz", "/a/b.c", "d.tar"},
                                          {"x.y", "x", "x.y", ".", "x"},
                                          {"a b", "a b", "a b", ".", "a b"},
                                          {".hidden", "", ".hidden", ".", ""},
                                          {"d/", "d/", "", ".", ""},
                                          {"", "", "", ".", ""},
                                          {"/", "/", "", "/", ""},
                                          {"a/.b", "a/", ".b", "a", ""},
                                          {"a.b/c", "a.b/c", "c", "a.b", "c"},
                                          {"//a", "//a", "a", "/", "a"},
                                          {"a//b.", "a//b", "b.", "a", "b"}}) {
    INFO(row.value);
    CHECK(part_of(row.value, ValuePart::whole) == row.value);
    CHECK(part_of(row.value, ValuePart::without_ending) == row.without_ending);
    CHECK(part_of(row.value, ValuePart::file_name) == row.file_name);
    CHECK(part_of(row.value, ValuePart::folder) == row.folder);
    CHECK(part_of(row.value, ValuePart::bare_file_name) == row.bare_file_name);
  }
}

TEST_CASE("placeholders of a shell command are filled in as GNU parallel fills them in") {
  CHECK(shell_text("echo {2} {1} {1.} {2/}", {"1.a", "d/x"}) == "echo d/x 1.a 1 x");
  CHECK(shell_text("echo {1.}-{2//} {1/.}", {"p/a.b", "c/d"}) == "echo p/a-c a");
  CHECK(shell_text("echo {}", {"a b", "c"}) == "echo 'a b' c");
  CHECK(shell_text("echo {/}", {"a/b", "c/d"}) == "echo b d");
  CHECK(shell_text("echo {#}", {"a"}) == "echo 1");
  CHECK(shell_text("echo", {"1", "b c"}) == "echo 1 'b c'");
  CHECK(shell_text("echo {foo}", {"a"}) == "echo {foo} a");
  CHECK(shell_text("{1.}{{}}{01}", {"a.b"}) == "a{a.b}a.b");
  CHECK(shell_text("echo {f}-{g} {f.} {f/} {2}", {"/x/a.b", "3"}, {"f", "g"}) == "echo /x/a.b-3 /x/a a.b 3");
  CHECK(shell_text("awk '{print $1}'", {"a"}) == "awk '{print $1}' a");
  CHECK(shell_text("echo {} } {", {"a"}) == "echo a } {");
}

TEST_CASE("a column of a header may be called like a number") {
  CHECK(shell_text("echo {2020}", {"a", "b"}, {"2019", "2020"}) == "echo b");
}

TEST_CASE("a value reaches a shell command as one argument, whatever is in it") {
  for (std::string const value : {"", "a b", "$(exit 3)", "`exit 3`", "it's", "\"", "-n", "a\nb\n", "*", "~", "\\",
                                  "a;b", "{}", "{1}", "#", "\xff\xfe", "!"}) {
    INFO(value);
    CHECK(printed_by_shell(shell_text("printf '<%s>' {}", {value})) == "<" + value + ">");
  }
}

TEST_CASE("in a template of several words each placeholder stays inside its argument, byte for byte") {
  CHECK(program({"cp", "-v", "{1}", "--to={2//}/{#}"}, {"a b'$(x)\n", "/d/e"}) ==
        Words{"cp", "-v", "a b'$(x)\n", "--to=/d/7"});
  CHECK(program({"echo", "{}"}, {"a b", "c"}) == Words{"echo", "a b c"});
  CHECK(program({"echo", "-x"}, {"a b", "", "c"}) == Words{"echo", "-x", "a b", "", "c"});
  CHECK(program({"echo", "{}", ""}, {""}) == Words{"echo", "", ""});
}

TEST_CASE("without a template the values are the command") {
  CHECK(CommandTemplate{{}, {{}, 1}, "/bin/bash"}.fill(1, {"echo a | wc"}) == Words{"/bin/bash", "-c", "echo a | wc"});
}

TEST_CASE("a column that a line lacks is nothing") {
  CommandTemplate const command{{"echo {1}-{2}"}, {}, "/bin/sh"};
  CHECK(command.fill(1, {"1"}).back() == "echo 1-");
}

TEST_CASE("a template that asks for a value that no task has is refused by the placeholder") {
  for (std::string const word : {"{3}", "{7/.}", "{99999999999999999999}"}) {
    auto const refusal = [&] { CommandTemplate{{"echo " + word}, {{}, 2}, "/bin/sh"}; };
    CHECK_THROWS_AS(refusal(), UsageError);
    CHECK(has(text_thrown_by(refusal), word));
  }
}

}  // namespace ballast
