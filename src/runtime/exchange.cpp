// The window of each node, and one budget for all, bound what the Main Node has loaded.
#include "runtime/exchange.hpp"

#include <fmt/format.h>

namespace ballast {
namespace {

// Large jobs are loaded one after the other rather than one per node.
constexpr std::size_t most_loaded = std::size_t{64} << 20;

JobRuns runs_of(std::vector<JobAttempt> const& names) {
  JobRuns runs;
  for (auto const& name : names) {
    bool const goes_on = !runs.empty() && runs.back().attempt == name.attempt &&
                         runs.back().first.value() + runs.back().count == name.job.value();
    if (goes_on)
      ++runs.back().count;
    else
      runs.push_back({name.job, 1, name.attempt});
  }
  return runs;
}

}  // namespace

Exchange::Exchange(Wire& wire, RunId run, std::vector<NodeId> const& nodes) : wire_{wire}, run_{run} {
  for (auto const node : nodes) outboxes_.try_emplace(node);
}

void Exchange::tell_all(Message const& message) {
  for (auto& [node, outbox] : outboxes_) outbox.add(message);
}

void Exchange::forget_jobs() {
  for (auto& [node, outbox] : outboxes_) outbox.clear_jobs();
}

void Exchange::recall(NodeId node, std::uint64_t count) {
  auto runs = outboxes_.at(node).recall(count);
  auto const rest = count - jobs_in(runs);
  if (rest == 0) {
    releases_.push_back({node, std::move(runs)});
  } else {
    tell(node, Recall{run_, rest});
    recalled_[node].push_back(std::move(runs));
  }
}

void Exchange::cancel(NodeId node, JobAttempt name) {
  if (!outboxes_.at(node).drop(name)) tell(node, Cancel{run_, name});
}

void Exchange::take(NodeId from, Released const& released) {
  outboxes_.at(from).taken(released.taken);
  auto& recalled = recalled_[from];
  if (recalled.empty())
    throw EngineError{fmt::format("rank {} gives back jobs that it was not asked for", from.value()), "",
                      "please report this as a bug of Ballast"};
  auto runs = runs_of(released.names);
  runs.insert(runs.end(), recalled.front().begin(), recalled.front().end());
  recalled.pop_front();
  releases_.push_back({from, std::move(runs)});
}

std::optional<Exchange::Release> Exchange::release() {
  if (releases_.empty()) return {};
  auto release = std::move(releases_.front());
  releases_.pop_front();
  return release;
}

std::optional<Exchange::Arrival> Exchange::receive() {
  while (auto received = wire_.receive()) {
    ++messages_;
    auto message = decode_message(received->frame);
    if (auto const* const report = std::get_if<Report>(&message)) outboxes_.at(received->from).taken(report->taken);
    if (auto const* const released = std::get_if<Released>(&message))
      take(received->from, *released);
    else
      return Arrival{received->from, std::move(message)};
  }
  return {};
}

bool Exchange::send(Outbox::NextJob next, Outbox::Load const& load) {
  bool sent = false;
  std::size_t loaded = 0;
  for (auto const& [node, outbox] : outboxes_) loaded += outbox.loaded();
  for (auto& [node, outbox] : outboxes_) {
    if (!wire_.clear(node)) continue;
    auto const before = outbox.loaded();
    auto frame = outbox.next_frame(run_, loaded < most_loaded ? next : Outbox::NextJob::wait, load);
    loaded += outbox.loaded() - before;
    if (!frame) continue;
    wire_.send(node, std::move(*frame));
    ++messages_;
    sent = true;
  }
  return sent;
}

}  // namespace ballast
