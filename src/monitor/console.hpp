// Console: what the user is told on stderr, lines and the progress line below them.
#pragma once

#include <unistd.h>

#include <string>
#include <string_view>

namespace ballast {

/// Writes each line in one piece, beginning with `ballast: `. Losing stderr is no error.
class Console {
 public:
  /// Writes to this descriptor, which stays the caller's.
  explicit Console(int descriptor = STDERR_FILENO) : descriptor_{descriptor} {}

  void say(std::string_view line);
  /// Bytes of a user's program, as they are.
  void pass_on(std::string_view text);

  /// Replaces the progress line on a terminal; empty removes it.
  void show_bar(std::string_view bar);

 private:
  void write(std::string text);

  int descriptor_;
  std::string bar_;
};

}  // namespace ballast
