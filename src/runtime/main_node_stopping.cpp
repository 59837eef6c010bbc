// How a run begins where an earlier start has ended, and ends before everything is done.
#include <fmt/format.h>

#include <algorithm>

#include "ballast/core/digest.hpp"
#include "runtime/main_node.hpp"
#include "runtime/resume_line.hpp"

namespace ballast {
namespace {

constexpr Duration time_to_join = std::chrono::seconds{1};

/// The run can go on later.
class Drained : public Error {
 public:
  Drained(std::string const& reason, std::string const& state, std::string const& line)
      : Error{ExitCode::drained, "drained by " + reason, state, "go on with: " + line} {}
};

}  // namespace

void MainNode::leave_out(std::vector<JobSpan> const& skipped) {
  auto spans = skipped;
  if (directory_) {
    auto const resolved = directory_->history().resolved();
    spans.insert(spans.end(), resolved.begin(), resolved.end());
    std::sort(spans.begin(), spans.end(), [](JobSpan const& a, JobSpan const& b) { return a.first < b.first; });
  }
  for (auto const& span : skipped)
    for (std::uint64_t i = 0; i < span.count; ++i, ++skipped_) desk_->skip(JobId{span.first.value() + i});
  if (!spans.empty()) static_cast<void>(decide(JobsResolved{std::move(spans)}, Clock::now()));
}

void MainNode::resume() {
  auto const& history = directory_->history();
  if (auto const& mended = directory_->mended(); mended.bytes > 0)
    console_.say(
        fmt::format("the journal in {} was damaged at its end: {} bytes are put aside in {}, and what they held is "
                    "solved again",
                    directory_->path().string(), mended.bytes, mended.kept_as));
  if (auto const damaged = directory_->damaged_solutions(); damaged > 0)
    console_.say(fmt::format("{} solution{} in {} {} damaged and will be solved again", damaged,
                             damaged == 1 ? "" : "s", directory_->path("solutions").string(),
                             damaged == 1 ? "is" : "are"));
  if (history.solved() + history.abandoned() == 0) return;
  directory_->replay([this](Record&& record) {
    take_back(std::move(record));
    check_interruption();
    auto const now = Clock::now();
    reassure(now);
    exchange_.send(Outbox::NextJob::wait, {}, now);
  });
  report_.resumed = report_.solved;
  if (options_.verbosity != Verbosity::quiet)
    console_.say(fmt::format("{} jobs were solved before; going on", report_.solved));
}

void MainNode::take_back(Record&& record) {
  auto const check = [this](JobId job, Digest input) {
    if (feed_->rereads()) check_input(job, feed_->load(job), input);
  };
  if (auto* const kept = std::get_if<SolutionKept>(&record)) {
    check(kept->name.job, kept->input);
    ++report_.solved;
    desk_->accept(kept->name, std::move(kept->bytes));
  } else if (auto const* const apart = std::get_if<SolutionApart>(&record)) {
    check(apart->name.job, apart->input);
    ++report_.solved;
    desk_->accept_file(apart->name.job, directory_->path(solution_file(apart->name)), apart->size);
  } else if (auto* const abandoned = std::get_if<JobAbandoned>(&record)) {
    check(abandoned->last.job, abandoned->input);
    if (auto* const bytes = std::get_if<Payload>(&abandoned->printed))
      desk_->accept(abandoned->last, std::move(*bytes));
    else if (auto const* const printed = std::get_if<PrintedApart>(&abandoned->printed))
      desk_->accept_file(abandoned->last.job, directory_->path(solution_file(abandoned->last)), printed->size);
    else
      desk_->skip(abandoned->last.job);
    failures_.stays_given_up({abandoned->last, abandoned->failures, {abandoned->kind, abandoned->reason, {}}}, report_);
  }
}

void MainNode::mind_stopping(Time now) {
  if (auto order = stopping_->look(tally(), now)) return stop(std::move(*order), now);
  bool const hold = stopping_->on_hold(now);
  if (hold == on_hold_) return;
  on_hold_ = hold;
  if (hold) {
    delivery_->hurry();
    static_cast<void>(decide(AssignmentPaused{}, now));
  } else {
    static_cast<void>(decide(AssignmentResumed{}, now));
  }
}

void MainNode::stop(StopOrder&& order, Time now) {
  bool const halt = order.kind == StopOrder::Kind::halt;
  auto const until = order.grace >= Time::max() - now ? Time::max() : now + order.grace;
  if (stop_order_ && !halt) stop_until_ = std::min(stop_until_, until);  // a signal leaves less time than was thought
  if (stop_order_ || (halt && all_resolved_)) return;
  if (!halt && !keeps_solutions()) end_early(order.reason, order.outcome);
  stop_order_ = std::move(order);
  stop_until_ = until;
  delivery_->hurry();
  if (options_.verbosity != Verbosity::quiet)
    console_.say(fmt::format("stopped by {}: no new jobs are begun, and those that are running {}", stop_order_->reason,
                             until == Time::max() ? "come to their end"
                             : until > now        ? "have a moment to end"
                                                  : "are ended"));
  static_cast<void>(decide(DrainBegan{}, now));
}

bool MainNode::stopped(Time now) const {
  bool const late = stop_order_ && now >= stop_until_;
  if (all_resolved_) return late && stop_order_->kind != StopOrder::Kind::halt;  // else only the joiner is waited for
  return drained_ || stranded_ || late;
}

void MainNode::finish() {
  if (!desk_->closed()) conclude_stopped();
  report_.outcome = report_.given_up_count == 0 && all_resolved_ ? ExitCode::solved : ExitCode::incomplete;
}

void MainNode::conclude_stopped() {
  exchange_.forget_jobs();
  delivery_->flush();
  delivery_->hand_on();
  if (stranded_)
    throw EngineError{fmt::format("no computing node is left for {} unsolved jobs", dispatcher_.ledger().unresolved()),
                      options_.max_jobs_per_node ? "--max-jobs-per-node let all of them leave" : "all have failed",
                      directory_ ? "go on with more nodes: " + resumed_by() : "start it again with more nodes"};
  bool const halted = stop_order_ && stop_order_->kind == StopOrder::Kind::halt;
  if (halted || (!directory_ && keeps_solutions())) join_what_is_there(halted);
  if (!stop_order_) end_early("its time limit", ExitCode::terminated);
  if (!halted) end_early(stop_order_->reason, stop_order_->outcome);
  console_.say(fmt::format("halted by {} ({} of {} jobs are resolved){}", stop_order_->reason,
                           report_.solved + report_.given_up_count, report_.jobs,
                           directory_ ? "; go on with: " + resumed_by() : ""));
}

bool MainNode::keeps_solutions() const { return directory_ || !problem_->kept_in().empty(); }

// A reader that does not read is waited for as long as nobody wants the run to end.
void MainNode::join_what_is_there(bool halted) {
  auto const until = halted ? Time::max() : std::max(stop_until_, Clock::now() + time_to_join);
  desk_->finish(JoinDesk::Missing::what_was_not_told);
  for (auto now = Clock::now(); !desk_->closed() && now < until; now = Clock::now()) {
    if (halted) check_interruption();
    reassure(now);
    wait_for_mail(now);
  }
}

void MainNode::keep_what_is_done() {
  try {
    if (delivery_) delivery_->flush();
  } catch (std::exception const&) {
    return;  // the run ends with an error that was told
  }
}

void MainNode::check_interruption() const {
  if (auto const why = interruption_.pending()) end_early(name_of(*why), exit_code_of(*why));
}

void MainNode::end_early(std::string_view reason, ExitCode outcome) const {
  auto const solved = fmt::format("{} of {} jobs were solved", report_.solved, report_.jobs);
  if (auto const kept_in = problem_->kept_in(); !directory_ && !kept_in.empty())
    throw Interrupted{outcome, reason, solved + ", and are in " + kept_in, "go on with: " + resumed_by()};
  if (!directory_) throw Interrupted{outcome, reason, solved + ", and nothing is kept"};
  auto const resolved = report_.solved + report_.given_up_count;
  auto const state = report_.jobs == 0 ? std::string{"before its first job"}
                                       : fmt::format("{} of {} jobs are resolved", resolved, report_.jobs);
  throw Drained{std::string{reason}, state, resumed_by()};
}

std::string MainNode::resumed_by() const {
  auto const ranks = static_cast<std::uint32_t>(setting_.nodes.size()) + 1;
  return resume_line(setting_.arguments, setting_.launcher, ranks,
                     may_oversubscribe() ? Slots::oversubscribed : Slots::enough);
}

}  // namespace ballast
