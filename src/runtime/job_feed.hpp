// Job feed: the dataset's jobs as the Main Node needs them: how many there are, and any one's payload, again if need
// be.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "ballast/core/job.hpp"
#include "ballast/problem/splitter.hpp"

namespace ballast {

/// How much a feed may read ahead of what is resolved.
enum class ReadAhead {
  bounded,  ///< what keeps the nodes busy
  all,      ///< the whole dataset: the policy must know how many jobs there are
};

/// Throws UsageError if this is not the input that was solved.
void check_input(JobId job, std::string_view payload, Digest solved);

class JobFeed {
 public:
  virtual ~JobFeed() = default;

  struct Found {
    std::uint64_t jobs{};  ///< jobs 0 … jobs − 1 can be loaded
    bool ended{};          ///< and there are no more
  };
  /// Throws what the splitter threw, and UsageError if a job that was solved has other bytes by now.
  [[nodiscard]] virtual Found found() = 0;
  /// The payload of a job that is found and not resolved.
  [[nodiscard]] virtual Payload load(JobId job) = 0;
  /// Whether payloads of resolved jobs can be loaded, too.
  [[nodiscard]] virtual bool rereads() const = 0;
  /// The job's payload will not be needed again.
  virtual void resolve(JobId job) = 0;
  /// Whether what is being read can be left: false while a splitter blocks.
  [[nodiscard]] virtual bool stop() = 0;
};

/// Jobs that were resolved by an earlier start of the run: their payloads are not needed.
struct ResolvedJobs {
  std::function<bool(JobId)> contains = [](JobId) { return false; };
  std::vector<Digest> inputs{};  ///< by job, of those that were solved: what their payloads have to be
};

/// `solvers`: of all computing nodes together. An indexed dataset is read when a job is loaded, a stream by a thread of
/// its own, so that a splitter which blocks does not stop the Main Node.
[[nodiscard]] std::unique_ptr<JobFeed> make_job_feed(Splitter splitter, ReadAhead ahead, std::uint64_t solvers,
                                                     ResolvedJobs resolved = {});

}  // namespace ballast
