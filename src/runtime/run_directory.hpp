// Run directory: what `--run-dir` holds of a run, found again by `--resume`.
#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "ballast/core/solution.hpp"
#include "ballast/problem/problem.hpp"
#include "ballast/runtime/options.hpp"
#include "journal/history.hpp"
#include "journal/journal.hpp"
#include "journal/storage.hpp"

namespace ballast {

/// Belongs to one run at a time, from its beginning to its end.
class RunDirectory {
 public:
  /// Locks the directory and reads what earlier starts have done; one that is refused is left as it is. Throws
  /// UsageError if it is in use, was used and is not to be resumed, or is another run's (its identity differs);
  /// InputOutputError for a disk that does not do its part.
  /// The first job is called `first_number` in names of files for people.
  RunDirectory(std::filesystem::path const& directory, Resume resume, std::string identity,
               std::uint64_t first_number = 0);

  /// What earlier starts have done; jobs that are to be tried again are open.
  [[nodiscard]] History const& history() const { return history_; }
  /// What was wrong with the journal and has been mended.
  [[nodiscard]] Mended const& mended() const { return mended_; }
  /// Files of solutions that are not what the journal says: their jobs are open again.
  [[nodiscard]] std::uint64_t damaged_solutions() const { return damaged_solutions_; }
  /// Of each job that is resolved, by job.
  [[nodiscard]] std::vector<Digest> inputs() const;

  /// Hands over, in the order in which they were resolved, every SolutionKept, SolutionApart and JobAbandoned that
  /// stands.
  void replay(std::function<void(Record&&)> const& take) const;

  /// To be written before anything else by this start.
  [[nodiscard]] std::vector<Record> const& opening_records() const { return opening_; }
  [[nodiscard]] Storage& storage() { return *storage_; }
  [[nodiscard]] std::filesystem::path path(std::string const& name) const { return directory_ / name; }
  [[nodiscard]] std::filesystem::path const& path() const { return directory_; }

  /// Keeps what it takes to run a job by hand that was given up: its input, what it printed on stderr, and a note.
  void keep_failed(Failed const& last, std::uint32_t failures, Payload const& input, ByHand const& by_hand);

 private:
  void read();
  void check(Resume resume, std::string const& identity);
  void revive(JobId job);
  void revive_damaged();
  void revive_abandoned();
  void forget_failed(JobId job);
  [[nodiscard]] std::string failed_file(JobId job, std::string_view kind) const;

  std::filesystem::path directory_;
  std::unique_ptr<Storage> storage_;
  std::unique_ptr<DirectoryLock> lock_;
  History history_;
  Mended mended_;
  std::uint64_t damaged_solutions_{0};
  std::uint64_t first_number_;
  std::map<JobId, ApartFile> apart_;                     // while the directory is opened
  std::unordered_map<JobId, std::uint64_t> revived_at_;  // which record did it; UINT64_MAX for one of this start
  std::vector<Record> opening_;
};

}  // namespace ballast
