// Words that a user pastes into a shell come out of it as they were.
#include "ballast/core/shell.hpp"

#include <array>
#include <cstdio>

#include "support/catch.hpp"

namespace ballast {
namespace {

/// What a POSIX shell makes of the text: one word per line.
std::string read_by_shell(std::string const& text) {
  auto const line = "printf '%s|' " + text;
  auto* const shell = ::popen(line.c_str(), "r");
  REQUIRE(shell != nullptr);
  std::string words;
  std::array<char, 256> buffer{};
  while (auto const got = std::fread(buffer.data(), 1, buffer.size(), shell)) words.append(buffer.data(), got);
  CHECK(::pclose(shell) == 0);
  return words;
}

}  // namespace

TEST_CASE("a word that no shell touches is left readable") {
  CHECK(shell_word("--policy=auto:k=1,m=2") == "--policy=auto:k=1,m=2");
  CHECK(shell_word("runs/a_1.txt") == "runs/a_1.txt");
}

TEST_CASE("an empty word is still a word") {
  CHECK(shell_word("") == "''");
  CHECK(read_by_shell(shell_words({"a", "", "b"})) == "a||b|");
}

TEST_CASE("quotes, spaces, line ends and what a shell would expand come out of it as they went in") {
  for (std::string const word :
       {"it's", "'",   "''",  "a b", "a\nb", "$HOME", "`date`", "*",  "~",    "\\",       "a\\'b", "\"",
        "#x",   "a;b", "a|b", "a&b", "<a>",  "(a)",   "{a,b}",  "!x", "[ab]", "\xc3\xa4", "a\tb",  "?"}) {
    INFO(word);
    CHECK(read_by_shell(shell_word(word)) == word + "|");
  }
}

}  // namespace ballast
