// Child: a piece of a test in a process of its own, for limits and rights that cannot be taken back.
#pragma once

#include <sys/wait.h>
#include <unistd.h>

#include <exception>
#include <stdexcept>
#include <string>

namespace ballast::testing {

/// Runs `work` in a forked child and returns the text of what it threw, or nothing.
template <class Work>
std::string thrown_in_child(Work work) {
  int pipe_ends[2];
  if (::pipe(pipe_ends) != 0) throw std::runtime_error{"no pipe"};
  auto const child = ::fork();
  if (child == 0) {
    std::string text;
    try {
      work();
    } catch (std::exception const& error) {
      text = error.what();
    }
    ::_exit(::write(pipe_ends[1], text.data(), text.size()) < 0 ? 1 : 0);
  }
  ::close(pipe_ends[1]);
  std::string text(4096, '\0');
  auto const got = ::read(pipe_ends[0], text.data(), text.size());
  ::close(pipe_ends[0]);
  int status = 0;
  ::waitpid(child, &status, 0);
  text.resize(got > 0 ? static_cast<std::size_t>(got) : 0);
  return status == 0 ? text : text + " [the child died]";
}

}  // namespace ballast::testing
