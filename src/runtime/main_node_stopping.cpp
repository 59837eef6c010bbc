// How a run begins where an earlier start has ended, and ends before everything is done.
#include <fmt/format.h>

#include "ballast/core/digest.hpp"
#include "runtime/main_node.hpp"
#include "runtime/resume_line.hpp"

namespace ballast {
namespace {

/// The run can go on later.
class Drained : public Error {
 public:
  Drained(std::string const& reason, std::string const& state, std::string const& line)
      : Error{ExitCode::drained, "drained by " + reason, state, "go on with: " + line} {}
};

}  // namespace

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
  static_cast<void>(decide(JobsResolved{history.resolved()}, Clock::now()));
  directory_->replay([this](Record&& record) {
    std::visit([this]<class R>(R&& kind) { take_back(std::forward<R>(kind)); }, std::move(record));
    auto const now = Clock::now();
    if (setting_.lease > Duration{0}) exchange_.keep_alive(setting_.lease / 4, now);
    exchange_.send(Outbox::NextJob::wait, {}, now);
  });
  report_.resumed = report_.solved;
  if (options_.verbosity != Verbosity::quiet)
    console_.say(fmt::format("{} jobs were solved before; going on", report_.solved));
}

void MainNode::take_back(SolutionKept&& kept) {
  if (feed_->rereads()) check_input(kept.name.job, feed_->load(kept.name.job), kept.input);
  ++report_.solved;
  desk_->accept(kept.name, std::move(kept.bytes));
}

void MainNode::take_back(SolutionApart&& apart) {
  if (feed_->rereads()) check_input(apart.name.job, feed_->load(apart.name.job), apart.input);
  ++report_.solved;
  desk_->accept_file(apart.name.job, directory_->path(solution_file(apart.name)), apart.size);
}

void MainNode::take_back(JobAbandoned&& abandoned) {
  desk_->skip(abandoned.last.job);
  failures_.stays_given_up({abandoned.last, abandoned.failures, {abandoned.kind, abandoned.reason, {}}}, report_);
}

void MainNode::mind_stopping(Time now) {
  if (stop_order_) return;
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
  if (order.kind != StopOrder::Kind::halt && !directory_)
    throw Interrupted{order.outcome, order.reason,
                      fmt::format("{} of {} jobs were solved, and nothing is kept", report_.solved, report_.jobs)};
  stop_order_ = std::move(order);
  stop_until_ = stop_order_->grace == Duration::max() ? Time::max() : now + stop_order_->grace;
  delivery_->hurry();
  if (options_.verbosity != Verbosity::quiet)
    console_.say(fmt::format("stopped by {}: no new jobs are begun, and those that are running {}", stop_order_->reason,
                             stop_until_ == Time::max() ? "come to their end" : "have a moment to end"));
  static_cast<void>(decide(DrainBegan{}, now));
}

bool MainNode::stopped(Time now) const {
  if (all_resolved_) return false;
  return drained_ || (stop_order_ && now >= stop_until_);
}

void MainNode::finish() {
  if (!all_resolved_) conclude_stopped();
  report_.outcome = report_.given_up_count == 0 && all_resolved_ ? ExitCode::solved : ExitCode::incomplete;
}

void MainNode::conclude_stopped() {
  exchange_.forget_jobs();
  delivery_->flush();
  delivery_->hand_on();
  auto const state = fmt::format("{} of {} jobs are resolved", report_.solved + report_.given_up_count, report_.jobs);
  auto const ranks = static_cast<std::uint32_t>(setting_.nodes.size()) + 1;
  auto const line = resume_line(setting_.arguments, setting_.launcher, ranks);
  auto const reason = stop_order_ ? stop_order_->reason : std::string{"its time limit"};
  if (!stop_order_ || stop_order_->kind != StopOrder::Kind::halt) throw Drained{reason, state, line};
  desk_->finish(JoinDesk::Missing::what_was_not_told);
  while (!desk_->closed()) companion_.rest(std::chrono::milliseconds{1});
  console_.say(fmt::format("halted by {} ({}){}", reason, state, directory_ ? "; go on with: " + line : ""));
}

}  // namespace ballast
