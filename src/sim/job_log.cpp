// The run times of a job log, in the order of Seq.
#include <fmt/core.h>

#include <map>

#include "ballast/core/error.hpp"
#include "ballast/monitor/job_log.hpp"
#include "ballast/sim/workload.hpp"

namespace ballast {

JobCosts read_job_log(std::string const& path) {
  std::map<std::uint64_t, Duration> by_seq;
  for (auto const& line : read_job_log_lines(path)) by_seq[line.seq] = line.runtime;
  if (by_seq.empty()) throw InputOutputError{fmt::format("the job log {} names no job", path), "", "give another"};
  JobCosts costs;
  for (auto const& [seq, runtime] : by_seq) costs.push_back(runtime);
  return costs;
}

}  // namespace ballast
