// A line is one write to a file opened for appending: a crash tears the last one at most.
#include "ballast/monitor/job_log.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <nlohmann/json.hpp>
#include <system_error>
#include <utility>

#include "ballast/core/error.hpp"
#include "core/descriptor.hpp"
#include "core/file_lock.hpp"
#include "monitor/job_log_line.hpp"

namespace ballast {
namespace {

InputOutputError cannot_write(std::string const& path, int error) {
  auto const is_full = error == ENOSPC || error == EDQUOT || error == EFBIG;
  return InputOutputError::from_errno("cannot write the job log " + path, error,
                                      is_full ? "free some space, then go on with --resume" : "give another --joblog");
}

double seconds(Duration time) { return static_cast<double>(time.count()) / 1e9; }

/// In microseconds: since 1970 there have been too many nanoseconds for a double.
double seconds_since_1970(std::chrono::nanoseconds start) {
  return static_cast<double>(std::chrono::round<std::chrono::microseconds>(start).count()) / 1e6;
}

std::string line_of(LoggedJob const& job) {
  auto const start = std::chrono::round<std::chrono::milliseconds>(job.start).count();
  auto command = job.command;
  std::ranges::replace(command, '\n', newline_stand_in);
  return fmt::format("{}\t{}\t{}.{:03}\t{:10.3f}\t0\t{}\t{}\t{}\t{}\n", job.seq, job.host, start / 1000, start % 1000,
                     seconds(job.runtime), job.received, job.exit_value, job.signal, command);
}

/// Bytes that are no UTF-8 have no place in JSON.
std::string object_of(LoggedJob const& job) {
  nlohmann::ordered_json object{{"seq", job.seq},
                                {"host", job.host},
                                {"node", job.node},
                                {"start", seconds_since_1970(job.start)},
                                {"runtime", seconds(job.runtime)},
                                {"cpu_seconds", seconds(job.cpu)},
                                {"peak_memory_bytes", job.peak_memory},
                                {"exit_value", job.exit_value},
                                {"signal", job.signal},
                                {"attempt", job.attempt},
                                {"received_bytes", job.received},
                                {"command", job.command},
                                {"failure", nullptr}};
  if (!job.failure.empty()) object["failure"] = job.failure;
  return object.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + "\n";
}

}  // namespace

class JobLog::File {
 public:
  explicit File(std::string path)
      : path_{std::move(path)},
        opened_{::open(path_.c_str(), O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC | O_NOCTTY, 0666)} {
    if (!opened_) throw cannot_write(path_, errno);
    if (::fstat(opened_.number(), &status_) != 0) throw cannot_write(path_, errno);
    if (is_regular() && !lock_file(opened_))
      throw UsageError{"the job log " + path_ + " is in use", "another run is writing it",
                       "wait for that run, or give another --joblog"};
  }

  void begin(Mode mode, std::string_view mark_of_torn_line) {
    if (!is_regular()) return;
    if (mode == Mode::fresh && ::ftruncate(opened_.number(), 0) != 0) throw cannot_write(path_, errno);
    if (::fstat(opened_.number(), &status_) != 0) throw cannot_write(path_, errno);
    end_torn_line(mark_of_torn_line);
  }

  [[nodiscard]] std::string const& path() const { return path_; }
  [[nodiscard]] bool is_regular() const { return S_ISREG(status_.st_mode); }
  [[nodiscard]] bool was_empty() const { return status_.st_size == 0; }

  void write(std::string_view line) {
    try {
      write_all(opened_.number(), line);
    } catch (std::system_error const& error) {
      throw cannot_write(path_, error.code().value());
    }
  }

 private:
  /// Ends a last line that has no end.
  void end_torn_line(std::string_view mark) {
    if (was_empty()) return;
    char last{};
    try {
      static_cast<void>(read_at(opened_.number(), static_cast<std::uint64_t>(status_.st_size) - 1, &last, 1));
    } catch (std::system_error const& error) {
      throw cannot_write(path_, error.code().value());
    }
    if (last != '\n') write(std::string{mark} + "\n");
  }

  std::string path_;
  Descriptor opened_;
  struct ::stat status_ {};
};

JobLog::JobLog(std::string const& path) : lines_{std::make_unique<File>(path)} {}
JobLog::JobLog(std::string const& path, Mode mode) : JobLog{path} { begin(mode); }
JobLog::JobLog(JobLog&&) noexcept = default;
JobLog& JobLog::operator=(JobLog&&) noexcept = default;
JobLog::~JobLog() = default;

void JobLog::begin(Mode mode) {
  if (lines_->is_regular()) {
    objects_ = std::make_unique<File>(lines_->path() + ".jsonl");
    objects_->begin(mode, "");
  }
  lines_->begin(mode, torn_mark);
  if (lines_->was_empty()) lines_->write(std::string{job_log_header} + "\n");
}

void JobLog::write(LoggedJob const& job) {
  lines_->write(line_of(job));
  if (objects_) objects_->write(object_of(job));
}

}  // namespace ballast
