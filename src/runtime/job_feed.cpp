// A stream's jobs are stashed from when they are split until they are resolved; an index needs no stash.
#include "runtime/job_feed.hpp"

#include <fmt/format.h>

#include <condition_variable>
#include <exception>
#include <mutex>
#include <thread>
#include <unordered_map>

#include "ballast/core/clock.hpp"
#include "ballast/core/digest.hpp"
#include "ballast/core/error.hpp"
#include "runtime/stash.hpp"

namespace ballast {
namespace {

constexpr std::uint64_t most_jobs_ahead = std::uint64_t{1} << 16;
constexpr std::uint64_t bytes_ahead = std::uint64_t{32} << 20;
constexpr std::uint64_t bytes_ahead_per_solver = std::uint64_t{8} << 20;
constexpr std::size_t stash_memory = std::size_t{32} << 20;
constexpr auto patience_with_splitter = std::chrono::milliseconds{200};

class IndexedFeed final : public JobFeed {
 public:
  explicit IndexedFeed(std::unique_ptr<IndexedSplitter> splitter) : splitter_{std::move(splitter)} {}

  Found found() override { return {splitter_->count(), true}; }
  Payload load(JobId job) override { return splitter_->read(job); }
  bool rereads() const override { return true; }
  void resolve(JobId) override {}
  bool stop() override { return true; }

 private:
  std::unique_ptr<IndexedSplitter> splitter_;
};

class StreamFeed final : public JobFeed {
 public:
  StreamFeed(std::unique_ptr<StreamSplitter> splitter, ReadAhead ahead, std::uint64_t solvers, ResolvedJobs resolved)
      : splitter_{std::move(splitter)},
        ahead_{ahead},
        solvers_{solvers},
        resolved_{std::move(resolved)},
        thread_{[this] { split_all(); }} {}

  ~StreamFeed() override {
    static_cast<void>(stop());
    thread_.join();
  }

  Found found() override {
    std::lock_guard const lock{mutex_};
    if (failure_) std::rethrow_exception(failure_);
    return {found_, ended_};
  }

  Payload load(JobId job) override { return stash_.read(job); }
  bool rereads() const override { return false; }

  void resolve(JobId job) override {
    stash_.discard(job);
    std::lock_guard const lock{mutex_};
    auto const size = sizes_.extract(job);
    if (!size.empty()) bytes_ -= size.mapped();
    if (sizes_.size() < wake_at_) room_.notify_one();
  }

  bool stop() override {
    std::unique_lock lock{mutex_};
    stopped_ = true;
    room_.notify_one();
    return left_.wait_for(lock, patience_with_splitter, [this] { return ended_ || failure_; });
  }

 private:
  void split_all() {
    try {
      while (auto payload = next_when_there_is_room()) keep(std::move(*payload));
      check_end();
    } catch (...) {
      std::lock_guard const lock{mutex_};
      failure_ = std::current_exception();
    }
    std::lock_guard const lock{mutex_};
    ended_ = true;
    left_.notify_all();
  }

  void check_end() {
    std::lock_guard const lock{mutex_};
    auto const solved = resolved_.inputs.size();
    if (!stopped_ && found_ < solved)
      throw UsageError{fmt::format("the dataset has {} jobs, and job {} was solved", found_, solved - 1),
                       "it is not what it was", "restore the dataset, or start anew in another --run-dir"};
  }

  std::optional<Payload> next_when_there_is_room() {
    {
      std::unique_lock lock{mutex_};
      while (!stopped_ && !has_room()) wait_for_room(lock);
      if (stopped_) return {};
    }
    return splitter_->next();
  }

  // Woken for a batch of jobs rather than for each: a quarter of them must be resolved.
  void wait_for_room(std::unique_lock<std::mutex>& lock) {
    wake_at_ = sizes_.size() - sizes_.size() / 4;
    room_.wait(lock, [this] { return stopped_ || sizes_.size() < wake_at_; });
  }

  bool has_room() const {
    if (ahead_ == ReadAhead::all) return true;
    auto const jobs = sizes_.size();
    return jobs < 4 * solvers_ || (jobs < most_jobs_ahead && bytes_ < bytes_ahead + solvers_ * bytes_ahead_per_solver);
  }

  void keep(Payload payload) {
    JobId const job{found_};
    if (resolved_.contains(job)) {
      if (job.value() < resolved_.inputs.size() && resolved_.inputs[job.value()] != Digest{})
        check_input(job, payload, resolved_.inputs[job.value()]);
      std::lock_guard const lock{mutex_};
      ++found_;
      return;
    }
    auto const size = payload.size();
    stash_.put(job, std::move(payload));
    std::lock_guard const lock{mutex_};
    if (ahead_ == ReadAhead::bounded) {
      sizes_.emplace(job, size);
      bytes_ += size;
    }
    ++found_;
  }

  std::unique_ptr<StreamSplitter> splitter_;
  ReadAhead const ahead_;
  std::uint64_t const solvers_;
  ResolvedJobs const resolved_;
  Stash stash_{stash_memory, spill_directory()};
  std::mutex mutex_;
  std::condition_variable room_;
  std::condition_variable left_;
  std::uint64_t found_{0};                          // written by the thread only, with the lock held
  std::uint64_t bytes_{0};                          // of the unresolved jobs
  std::unordered_map<JobId, std::uint64_t> sizes_;  // of the unresolved jobs
  std::uint64_t wake_at_{0};
  bool ended_{false};
  bool stopped_{false};
  std::exception_ptr failure_;
  std::thread thread_;  // last: it uses all of the above
};

}  // namespace

void check_input(JobId job, std::string_view payload, Digest solved) {
  if (digest_of(payload) == solved) return;
  throw UsageError{fmt::format("the dataset has changed since job {} was solved", job.value()),
                   "its input is not what it was", "restore the dataset, or start anew in another --run-dir"};
}

std::unique_ptr<JobFeed> make_job_feed(Splitter splitter, ReadAhead ahead, std::uint64_t solvers,
                                       ResolvedJobs resolved) {
  if (auto* const indexed = std::get_if<std::unique_ptr<IndexedSplitter>>(&splitter))
    return std::make_unique<IndexedFeed>(std::move(*indexed));
  return std::make_unique<StreamFeed>(std::move(std::get<std::unique_ptr<StreamSplitter>>(splitter)), ahead, solvers,
                                      std::move(resolved));
}

}  // namespace ballast
