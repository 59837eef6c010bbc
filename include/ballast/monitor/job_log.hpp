// Job log: a line for each job that has ended, as GNU parallel writes them, and the same with more facts as JSON.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "ballast/core/clock.hpp"
#include "ballast/core/job.hpp"

namespace ballast {

/// How a job ended: its last attempt.
struct LoggedJob {
  std::uint64_t seq{};  ///< the job's id + 1
  std::string host;     ///< `:` is this one
  std::uint32_t node{};
  std::uint32_t attempt{};
  std::chrono::nanoseconds start{};  ///< since 1970
  Duration runtime{};
  std::uint64_t received{};  ///< bytes on its standard output
  int exit_value{};
  int signal{};
  Duration cpu{};
  std::uint64_t peak_memory{};  ///< bytes
  std::string command;
  std::string failure;  ///< empty: none
};

/// Writes FILE and, if that is a regular file, FILE.jsonl beside it; no other run may do so meanwhile. Each line is
/// one write. Used by one thread.
class JobLog {
 public:
  /// Whether what is there is replaced, or kept: then a last line that was torn is ended, and marked.
  enum class Mode { fresh, append };

  /// Opens FILE, and leaves what is in it as it is: begin() comes before the first line. Throws InputOutputError if it
  /// cannot be written, UsageError if another run is writing it.
  explicit JobLog(std::string const& path);
  /// The same, and begins.
  JobLog(std::string const& path, Mode mode);
  JobLog(JobLog&&) noexcept;
  JobLog& operator=(JobLog&&) noexcept;
  ~JobLog();

  /// Throws InputOutputError if a file cannot be written.
  void begin(Mode mode);
  /// Throws InputOutputError, when the disk is full, too.
  void write(LoggedJob const& job);

 private:
  class File;
  std::unique_ptr<File> lines_;
  std::unique_ptr<File> objects_;  ///< none beside a pipe or a device
};

/// What a line of a job log says.
struct JobLogLine {
  std::uint64_t seq{};
  Duration runtime{};
  int exit_value{};  ///< −1 if the line does not say
  int signal{};      ///< the same
  std::string command;
};

/// The lines of a log in their order, by the names in its header: Seq and JobRuntime have to be there, and others may
/// be. A line that was torn by a crash is left out. Throws InputOutputError with the number of a line that is not
/// understood.
[[nodiscard]] std::vector<JobLogLine> read_job_log_lines(std::string const& path);

/// Which jobs of a log a resume runs again.
enum class Again { nothing, failed };

/// The jobs that need not run again, in order; no two spans touch. What counts is a job's last line.
[[nodiscard]] std::vector<JobSpan> finished_seqs(std::vector<JobLogLine> const& lines, Again again);

/// How long commands took in an earlier run.
class EarlierTimes {
 public:
  explicit EarlierTimes(std::vector<JobLogLine> const& lines);
  /// In seconds: the mean of this command, or that of all if the log does not know it; 0 if the log is empty.
  [[nodiscard]] double of(std::string_view command) const;

 private:
  struct Mean {
    double sum{};
    std::uint64_t count{};
    void add(double seconds);
    [[nodiscard]] double value() const;
  };
  struct HashText {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const { return std::hash<std::string_view>{}(text); }
  };

  std::unordered_map<std::string, Mean, HashText, std::equal_to<>> by_command_;
  Mean of_all_;
};

}  // namespace ballast
