// The dispatcher is pure, so the same events at the same times must make the same steps.
#include "schedule/replay.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

namespace ballast {
namespace {

/// `job 4`, or `jobs 4-9, 12 (attempt 2)`.
std::string names(JobRuns const& runs) {
  std::string list = jobs_in(runs) == 1 ? "job " : "jobs ";
  for (auto run = runs.begin(); run != runs.end(); ++run) {
    auto out = std::back_inserter(list);
    fmt::format_to(out, "{}{}", run == runs.begin() ? "" : ", ", run->first.value());
    if (run->count > 1) fmt::format_to(out, "-{}", run->first.value() + run->count - 1);
    if (run->attempt > Attempt{1}) fmt::format_to(out, " (attempt {})", run->attempt.value());
  }
  return list;
}

/// A decision in words; nothing for those that move no job.
struct InWords {
  std::string_view policy;

  std::string operator()(SolutionAccepted const&) const { return {}; }
  std::string operator()(NewsDropped const&) const { return {}; }
  std::string operator()(RunFinished const&) const { return {}; }
  std::string operator()(RunStranded const&) const { return {}; }
  std::string operator()(RunDrained const& f) const {
    return fmt::format("the run ends early: {} job{} left", f.unresolved, f.unresolved == 1 ? " is" : "s are");
  }
  std::string operator()(RetryPlanned const& f) const {
    return fmt::format("job {} will be tried again: attempt {} failed on node {}", f.name.job.value(),
                       f.name.attempt.value(), f.node.value());
  }
  std::string operator()(JobGivenUp const& f) const {
    auto const failed = fmt::format("{} attempt{} failed", f.failures, f.failures == 1 ? "" : "s");
    if (f.losses == 0)
      return fmt::format("job {} is given up: {}, the last on node {}", f.name.job.value(), failed, f.node.value());
    return fmt::format("job {} is given up: {} and {} node{} lost, the last was node {}", f.name.job.value(), failed,
                       f.losses, f.losses == 1 ? " was" : "s were", f.node.value());
  }
  std::string operator()(AssignJobs const& a) const {
    auto const why = std::visit([&](auto const& reason) { return reason_of(reason, jobs_in(a.runs)); }, a.reason);
    return fmt::format("node {} gets {}: {}", a.node.value(), names(a.runs), why);
  }
  std::string operator()(RecallJobs const& a) const {
    return fmt::format("node {} is asked to give back {} job{}: others could start them earlier", a.node.value(),
                       a.count, a.count == 1 ? "" : "s");
  }
  std::string operator()(CancelJob const& a) const {
    return fmt::format("node {} need not go on with job {} (attempt {}): another copy was first", a.node.value(),
                       a.name.job.value(), a.name.attempt.value());
  }
  std::string operator()(DismissNode const& a) const {
    return fmt::format("node {} is dismissed: it has had its share of jobs", a.node.value());
  }

 private:
  std::string reason_of(NextChunk const& reason, std::uint64_t jobs) const {
    return fmt::format("next {} of {} unassigned by {}; it held {} of {}", jobs, reason.unassigned, policy, reason.held,
                       reason.room);
  }
  static std::string reason_of(AnotherTry const&, std::uint64_t) { return "another try"; }
  static std::string reason_of(Moved const&, std::uint64_t) { return "given back by another node"; }
  static std::string reason_of(PutAside const&, std::uint64_t) {
    return "it ends in time here, but not on a node that asked before";
  }
  static std::string reason_of(SecondCopy const& reason, std::uint64_t) {
    return fmt::format("a second copy of what node {} is busy with", reason.of.value());
  }
};

}  // namespace

Replay::Replay(ScriptHeader const& header) : policy_{header.policy}, dispatcher_{header.policy, header.rules} {}

Step Replay::play(ScriptEntry const& entry) {
  ++events_;
  auto step = dispatcher_.on(entry.event, entry.at);
  if (auto got = text_of(step); !difference_ && got != entry.step)
    difference_ = Difference{events_, entry.line, entry.step, std::move(got)};
  return step;
}

std::vector<std::string> Replay::explain(Step const& step, Time at) const {
  std::vector<std::string> lines;
  auto const seconds = static_cast<double>(at.time_since_epoch().count()) / 1e9;
  auto const add = [&](auto const& decision) {
    auto const words = std::visit(InWords{policy_}, decision);
    if (!words.empty()) lines.push_back(fmt::format("{:.6f} s  {}", seconds, words));
  };
  for (auto const& fact : step.facts) add(fact);
  for (auto const& action : step.actions) add(action);
  return lines;
}

bool resolves(Step const& step, JobId job) {
  return std::any_of(step.facts.begin(), step.facts.end(), [&](Fact const& fact) {
    if (auto const* const solved = std::get_if<SolutionAccepted>(&fact)) return solved->name.job == job;
    if (auto const* const given_up = std::get_if<JobGivenUp>(&fact)) return given_up->name.job == job;
    return false;
  });
}

}  // namespace ballast
