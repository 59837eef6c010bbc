// Folding records into what is known of each job.
#include "journal/history.hpp"

#include "ballast/core/error.hpp"

namespace ballast {
namespace {

InputOutputError contradiction(std::string const& why) {
  return {"the journal contradicts itself", why, "give a new --run-dir, and please report this as a bug of Ballast"};
}

std::string text_of(JobId job) { return "job " + std::to_string(job.value()); }

}  // namespace

void History::take(Record const& record) {
  std::visit([this](auto const& known) { on(known); }, record);
}

void History::on(RunDescribed const& run) {
  if (described_) throw contradiction("it describes the run twice");
  described_ = run;
}

void History::on(RunStarted const&) { ++starts_; }

void History::on(SolutionKept const& solution) { solve(solution.name.job); }

void History::on(SolutionApart const& solution) { solve(solution.name.job); }

void History::on(JobAbandoned const& job) {
  resolve(job.last.job, State::abandoned);
  ++abandoned_;
}

void History::on(JobRevived const& revived) {
  auto const before = state(revived.job);
  if (before == State::open) throw contradiction(text_of(revived.job) + " was revived and had not ended");
  --(before == State::solved ? solved_ : abandoned_);
  states_[revived.job.value()] = State::open;
}

void History::solve(JobId job) {
  resolve(job, State::solved);
  ++solved_;
}

void History::resolve(JobId job, State end) {
  if (state(job) != State::open) throw contradiction(text_of(job) + " has ended twice");
  if (job.value() >= states_.size()) states_.resize(job.value() + 1, State::open);
  states_[job.value()] = end;
}

History::State History::state(JobId job) const {
  return job.value() < states_.size() ? states_[job.value()] : State::open;
}

std::vector<JobSpan> History::resolved() const {
  std::vector<JobSpan> spans;
  for (std::uint64_t job = 0; job < states_.size(); ++job) {
    if (states_[job] == State::open) continue;
    if (!spans.empty() && spans.back().first.value() + spans.back().count == job) {
      ++spans.back().count;
    } else {
      spans.push_back({JobId{job}, 1});
    }
  }
  return spans;
}

}  // namespace ballast
