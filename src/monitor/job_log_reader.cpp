// A job log is read by the names in its header, so that columns may be added to it.
#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <map>
#include <optional>
#include <utility>

#include "ballast/core/error.hpp"
#include "ballast/monitor/job_log.hpp"
#include "monitor/job_log_line.hpp"

namespace ballast {
namespace {

using Fields = std::vector<std::string_view>;

Fields split_at_tabs(std::string_view line) {
  Fields fields;
  for (auto tab = line.find('\t'); tab != std::string_view::npos; tab = line.find('\t')) {
    fields.push_back(line.substr(0, tab));
    line.remove_prefix(tab + 1);
  }
  fields.push_back(line);
  return fields;
}

template <class Number>
bool parse(std::string_view field, Number& number) {
  field.remove_prefix(std::min(field.find_first_not_of(' '), field.size()));
  auto const* const end = field.data() + field.size();
  auto const [rest, error] = std::from_chars(field.data(), end, number);
  return error == std::errc{} && rest == end;
}

/// Where the columns are, and what each line says in them.
class Reader {
 public:
  explicit Reader(std::string const& path) : path_{path} {}

  void read_header(std::string_view line) {
    header_ = split_at_tabs(line);
    columns_ = header_.size();
    seq_ = expect_place("Seq");
    runtime_ = expect_place("JobRuntime");
    exit_value_ = place("Exitval");
    signal_ = place("Signal");
    command_ = place("Command");
    header_.clear();
  }

  /// Whether a line that was torn has all that is counted from it.
  [[nodiscard]] bool is_whole(std::string_view line) const { return split_at_tabs(line).size() >= columns_; }

  [[nodiscard]] JobLogLine read_job(std::string_view line, std::uint64_t number) const {
    auto const fields = split_at_tabs(line);
    if (fields.size() <= std::max(seq_, runtime_))
      refuse(number, fmt::format("it has {} columns, fewer than the header", fields.size()));
    JobLogLine job;
    double runtime{};
    if (!parse(fields[seq_], job.seq) || job.seq == 0)
      refuse(number, fmt::format("the Seq `{}` is not a whole number from 1 on", fields[seq_]));
    if (!parse(fields[runtime_], runtime) || !(runtime >= 0 && runtime < 1e9))
      refuse(number, fmt::format("the JobRuntime `{}` is not a time in seconds", fields[runtime_]));
    job.runtime = Duration{std::llround(runtime * 1e9)};
    job.exit_value = whole_number("Exitval", exit_value_, fields, number);
    job.signal = whole_number("Signal", signal_, fields, number);
    if (command_ && *command_ < fields.size()) job.command = command_in(line, fields);
    return job;
  }

 private:
  using Place = std::optional<std::size_t>;

  [[noreturn]] void refuse(std::uint64_t line, std::string_view why) const {
    throw InputOutputError{fmt::format("line {} of the job log {} is not understood", line, path_), why,
                           "give a log as `parallel --joblog` writes it, tab-separated with a header"};
  }

  [[nodiscard]] Place place(std::string_view name) const {
    auto const found = std::ranges::find(header_, name);
    if (found == header_.end()) return std::nullopt;
    return static_cast<std::size_t>(found - header_.begin());
  }

  [[nodiscard]] std::size_t expect_place(std::string_view name) const {
    auto const found = place(name);
    if (!found) refuse(1, fmt::format("the header names no column {}", name));
    return *found;
  }

  /// −1 where the line has no such column: nobody may take it for a success.
  [[nodiscard]] int whole_number(std::string_view name, Place place, Fields const& fields, std::uint64_t line) const {
    if (!place || *place >= fields.size()) return -1;
    int value{};
    if (!parse(fields[*place], value))
      refuse(line, fmt::format("the {} `{}` is not a whole number", name, fields[*place]));
    return value;
  }

  /// Tabs in a command are its own, if it is the last column.
  [[nodiscard]] std::string command_in(std::string_view line, Fields const& fields) const {
    auto const field = fields[*command_];
    auto const begin = static_cast<std::size_t>(field.data() - line.data());
    std::string command{*command_ + 1 == columns_ ? line.substr(begin) : field};
    std::ranges::replace(command, newline_stand_in, '\n');
    return command;
  }

  std::string path_;
  Fields header_;  ///< while it is read
  std::size_t columns_{};
  std::size_t seq_{};
  std::size_t runtime_{};
  Place exit_value_;
  Place signal_;
  Place command_;
};

std::ifstream open(std::string const& path) {
  std::ifstream file{path, std::ios::binary};
  std::error_code ignored;
  if (!file || std::filesystem::is_directory(path, ignored))
    throw InputOutputError::from_errno(fmt::format("cannot read the job log {}", path), file ? EISDIR : errno,
                                       "correct --joblog");
  return file;
}

}  // namespace

std::vector<JobLogLine> read_job_log_lines(std::string const& path) {
  auto file = open(path);
  Reader reader{path};
  std::vector<JobLogLine> jobs;
  std::string line;
  for (std::uint64_t number = 1; std::getline(file, line); ++number) {
    auto const is_marked = line.ends_with(torn_mark);
    if (is_marked) line.resize(line.size() - torn_mark.size());
    auto const is_torn = is_marked || file.eof();
    if (line.ends_with('\r')) line.pop_back();
    if (number == 1) {
      reader.read_header(line);
    } else if (!line.empty() && (!is_torn || reader.is_whole(line))) {
      jobs.push_back(reader.read_job(line, number));
    }
  }
  if (file.bad())
    throw InputOutputError::from_errno(fmt::format("cannot read the job log {}", path), errno, "check its disk");
  return jobs;
}

std::vector<JobSpan> finished_seqs(std::vector<JobLogLine> const& lines, Again again) {
  std::map<std::uint64_t, bool> finished;
  for (auto const& line : lines)
    finished[line.seq] = again == Again::nothing || (line.exit_value == 0 && line.signal == 0);
  std::vector<JobSpan> spans;
  for (auto const& [seq, is_finished] : finished) {
    if (!is_finished) continue;
    if (!spans.empty() && spans.back().first.value() + spans.back().count == seq - 1) {
      ++spans.back().count;
    } else {
      spans.push_back({JobId{seq - 1}, 1});
    }
  }
  return spans;
}

void EarlierTimes::Mean::add(double seconds) {
  sum += seconds;
  ++count;
}

double EarlierTimes::Mean::value() const { return count == 0 ? 0 : sum / static_cast<double>(count); }

EarlierTimes::EarlierTimes(std::vector<JobLogLine> const& lines) {
  for (auto const& line : lines) {
    auto const seconds = std::chrono::duration<double>{line.runtime}.count();
    by_command_[line.command].add(seconds);
    of_all_.add(seconds);
  }
}

double EarlierTimes::of(std::string_view command) const {
  auto const known = by_command_.find(command);
  return (known == by_command_.end() ? of_all_ : known->second).value();
}

}  // namespace ballast
