// A job log is read by the names in its header, so that columns may be added to it.
#include <fmt/core.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <map>

#include "ballast/core/error.hpp"
#include "ballast/sim/workload.hpp"

namespace ballast {
namespace {

using Fields = std::vector<std::string_view>;

Fields split_at_tabs(std::string_view line) {
  if (line.ends_with('\r')) line.remove_suffix(1);
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

class JobLog {
 public:
  explicit JobLog(std::string const& path) : path_{path} {}

  void read_header(std::string_view line) {
    auto const fields = split_at_tabs(line);
    auto const place = [&](std::string_view name) {
      auto const found = std::find(fields.begin(), fields.end(), name);
      if (found == fields.end()) refuse(1, fmt::format("the header names no column {}", name));
      return static_cast<std::size_t>(found - fields.begin());
    };
    seq_ = place("Seq");
    runtime_ = place("JobRuntime");
  }

  void read_job(std::string_view line, std::uint64_t number) {
    auto const fields = split_at_tabs(line);
    if (fields.size() <= std::max(seq_, runtime_))
      refuse(number, fmt::format("it has {} columns, fewer than the header", fields.size()));
    std::uint64_t seq{};
    double runtime{};
    if (!parse(fields[seq_], seq)) refuse(number, fmt::format("the Seq `{}` is not a whole number", fields[seq_]));
    if (!parse(fields[runtime_], runtime) || !(runtime >= 0 && runtime < 1e9))
      refuse(number, fmt::format("the JobRuntime `{}` is not a time in seconds", fields[runtime_]));
    by_seq_[seq] = Duration{std::llround(runtime * 1e9)};
  }

  [[nodiscard]] JobCosts costs() const {
    if (by_seq_.empty()) throw InputOutputError{fmt::format("the job log {} names no job", path_), "", "give another"};
    JobCosts costs;
    for (auto const& [seq, runtime] : by_seq_) costs.push_back(runtime);
    return costs;
  }

 private:
  [[noreturn]] void refuse(std::uint64_t line, std::string_view why) const {
    throw InputOutputError{fmt::format("line {} of the job log {} is not understood", line, path_), why,
                           "give a log as `parallel --joblog` writes it, tab-separated with a header"};
  }

  std::string path_;
  std::size_t seq_{};
  std::size_t runtime_{};
  std::map<std::uint64_t, Duration> by_seq_;
};

}  // namespace

JobCosts read_job_log(std::string const& path) {
  std::ifstream file{path};
  std::error_code ignored;
  if (!file || std::filesystem::is_directory(path, ignored))
    throw InputOutputError::from_errno(fmt::format("cannot read the job log {}", path), file ? EISDIR : errno,
                                       "correct --joblog");
  JobLog log{path};
  std::string line;
  for (std::uint64_t number = 1; std::getline(file, line); ++number) {
    if (number == 1)
      log.read_header(line);
    else if (!line.empty())
      log.read_job(line, number);
  }
  return log.costs();
}

}  // namespace ballast
