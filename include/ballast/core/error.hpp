// Errors: one small tree. The class owns the exit code and the shape of the sentence.
#pragma once

#include <stdexcept>
#include <string>
#include <string_view>

namespace ballast {

/// What a process of Ballast ends with (every rank with the same one).
enum class ExitCode : int {
  solved = 0,         ///< every job was solved
  incomplete = 1,     ///< some jobs were given up; the rest of the result is intact
  usage = 2,          ///< the command line or an option makes no sense
  input_output = 3,   ///< a file is missing, malformed, not writable; no node can run the command
  engine = 4,         ///< the transport failed, or no computing node is left
  drained = 75,       ///< stopped by a signal or a time limit with a run directory: `--resume` goes on
  interrupted = 130,  ///< ended by SIGINT
  terminated = 143,   ///< ended by SIGTERM
};

/// An error that ends the run. Its text is one line: `what is wrong (why); what to do`.
class Error : public std::runtime_error {
 public:
  [[nodiscard]] ExitCode exit_code() const noexcept { return exit_code_; }

 protected:
  Error(ExitCode exit_code, std::string_view what, std::string_view why, std::string_view remedy);

 private:
  ExitCode exit_code_;
};

/// The user asked for something that does not exist or does not fit together.
class UsageError : public Error {
 public:
  UsageError(std::string_view what, std::string_view why, std::string_view remedy)
      : Error{ExitCode::usage, what, why, remedy} {}
};

/// The world outside said no: a file, a directory, a disk, a program.
class InputOutputError : public Error {
 public:
  InputOutputError(std::string_view what, std::string_view why, std::string_view remedy)
      : Error{ExitCode::input_output, what, why, remedy} {}

  /// The same with the text of `errno` as the reason.
  static InputOutputError from_errno(std::string_view what, int error, std::string_view remedy);
};

/// The run cannot go on: the wire broke, a message is garbage, no computing node is left.
class EngineError : public Error {
 public:
  EngineError(std::string_view what, std::string_view why, std::string_view remedy)
      : Error{ExitCode::engine, what, why, remedy} {}
};

/// The reader of the result has gone (`| head -1`): not a failure, there is only nothing left to do.
class ReaderGone : public Error {
 public:
  ReaderGone() : Error{ExitCode::solved, "the reader of the result has gone", "", ""} {}
};

}  // namespace ballast
