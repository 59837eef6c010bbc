// The journal is read twice: for what is resolved before the run begins, and for the solutions once they can be joined.
#include "runtime/run_directory.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <utility>

#include "ballast/core/error.hpp"
#include "ballast/runtime/session.hpp"
#include "ballast/runtime/slurm.hpp"

namespace ballast {
namespace {

constexpr std::size_t most_shown = 60;

/// The place where two identities differ, with some words around it.
std::string excerpt(std::string const& text, std::size_t from) {
  auto const begin = from > most_shown / 3 ? from - most_shown / 3 : 0;
  return fmt::format("{}{}{}", begin > 0 ? "…" : "", text.substr(begin, most_shown),
                     begin + most_shown < text.size() ? "…" : "");
}

std::int64_t seconds_since_1970() {
  auto const now = std::chrono::system_clock::now().time_since_epoch();
  return std::chrono::duration_cast<std::chrono::seconds>(now).count();
}

/// The job that the record resolves, if it is of that kind.
std::optional<JobId> resolved_by(Record const& record) {
  if (auto const* const kept = std::get_if<SolutionKept>(&record)) return kept->name.job;
  if (auto const* const apart = std::get_if<SolutionApart>(&record)) return apart->name.job;
  if (auto const* const abandoned = std::get_if<JobAbandoned>(&record)) return abandoned->last.job;
  return {};
}

constexpr auto kinds_of_failed_files = {"input", "stderr", "txt"};

}  // namespace

RunDirectory::RunDirectory(std::filesystem::path const& directory, Resume resume, std::string identity,
                           std::uint64_t first_number)
    : directory_{std::filesystem::absolute(directory).lexically_normal()},
      storage_{open_directory(directory_)},
      lock_{lock_directory(directory_)},
      first_number_{first_number} {
  read();
  check(resume, identity);
  if (storage_->exists(journal_file)) mended_ = mend_journal(*storage_);  // else nothing here is ours
  revive_damaged();
  if (!history_.described()) opening_.insert(opening_.begin(), RunDescribed{std::move(identity), version()});
  opening_.emplace_back(RunStarted{seconds_since_1970(), restart_count().value_or(0)});
  if (resume == Resume::and_retry) revive_abandoned();
}

void RunDirectory::read() {
  std::uint64_t place = 0;
  read_journal(*storage_, [&](Record&& record) {
    history_.take(record);
    if (auto const file = apart_file(record)) apart_.emplace(file->name.job, *file);
    if (auto const* const one = std::get_if<JobRevived>(&record)) {
      apart_.erase(one->job);
      revived_at_[one->job] = place;
    }
    ++place;
  });
}

// The file goes before the record that makes the job open is written: if only one of them comes to pass, the next start
// finds no file, and does the same.
void RunDirectory::revive_damaged() {
  for (auto const& [job, one] : std::exchange(apart_, {})) {
    if (solution_file_good(*storage_, one)) continue;
    if (auto const file = solution_file(one.name); storage_->exists(file)) storage_->remove(file);
    revive(job);
    ++damaged_solutions_;
  }
}

void RunDirectory::revive(JobId job) {
  JobRevived const revived{job};
  history_.take(revived);
  opening_.emplace_back(revived);
  revived_at_[job] = UINT64_MAX;
}

void RunDirectory::check(Resume resume, std::string const& identity) {
  auto const& described = history_.described();
  if (!described) return;
  auto const name = directory_.string();
  if (resume == Resume::no)
    throw UsageError{fmt::format("{} has been used", name), fmt::format("{} jobs are solved there", history_.solved()),
                     "add --resume to go on with that run, or name another --run-dir"};
  if (described->identity == identity) return;
  auto const& there = described->identity;
  auto const differs = static_cast<std::size_t>(
      std::mismatch(there.begin(), there.end(), identity.begin(), identity.end()).first - there.begin());
  throw UsageError{fmt::format("{} belongs to another run", name),
                   fmt::format("`{}` there, `{}` now", excerpt(there, differs), excerpt(identity, differs)),
                   "resume it with the same dataset, command and options that shape jobs, or name another --run-dir"};
}

void RunDirectory::revive_abandoned() {
  for (auto const& span : history_.resolved())
    for (std::uint64_t i = 0; i < span.count; ++i) {
      JobId const job{span.first.value() + i};
      if (history_.state(job) != History::State::abandoned) continue;
      revive(job);
      forget_failed(job);
    }
}

std::vector<Digest> RunDirectory::inputs() const {
  std::vector<Digest> digests;
  auto const note = [&](JobId job, Digest input) {
    if (job.value() >= digests.size()) digests.resize(job.value() + 1);
    digests[job.value()] = input;
  };
  replay([&](Record&& record) {
    if (auto const* const kept = std::get_if<SolutionKept>(&record)) note(kept->name.job, kept->input);
    if (auto const* const apart = std::get_if<SolutionApart>(&record)) note(apart->name.job, apart->input);
    if (auto const* const abandoned = std::get_if<JobAbandoned>(&record)) note(abandoned->last.job, abandoned->input);
  });
  return digests;
}

void RunDirectory::replay(std::function<void(Record&&)> const& take) const {
  std::uint64_t place = 0;
  read_journal(*storage_, [&](Record&& record) {
    auto const job = resolved_by(record);
    auto const revived = job ? revived_at_.find(*job) : revived_at_.end();
    if (job && (revived == revived_at_.end() || revived->second < place)) take(std::move(record));
    ++place;
  });
}

std::string RunDirectory::failed_file(JobId job, std::string_view kind) const {
  return fmt::format("failed/{}.{}", job.value() + first_number_, kind);
}

void RunDirectory::keep_failed(Failed const& last, std::uint32_t failures, Payload const& input,
                               ByHand const& by_hand) {
  auto const job = last.name.job;
  forget_failed(job);
  storage_->append_to(failed_file(job, "input"))->append(input);
  storage_->append_to(failed_file(job, "stderr"))->append(last.failure.diagnostics);
  auto note = fmt::format("job {}: given up after {} failed attempt{}\nlast: {}\n", job.value() + first_number_,
                          failures, failures == 1 ? "" : "s", last.failure.reason);
  if (!by_hand.command.empty())
    note += by_hand.input == ByHand::Input::none
                ? fmt::format("by hand: {}\n", by_hand.command)
                : fmt::format("by hand: {} < {}\n", by_hand.command, path(failed_file(job, "input")).string());
  storage_->append_to(failed_file(job, "txt"))->append(note);
}

void RunDirectory::forget_failed(JobId job) {
  for (auto const* const kind : kinds_of_failed_files)
    if (auto const file = failed_file(job, kind); storage_->exists(file)) storage_->remove(file);
}

}  // namespace ballast
