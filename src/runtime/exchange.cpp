// The window of each node, and one budget for all, bound what the Main Node has loaded.
#include "runtime/exchange.hpp"

#include <fmt/format.h>

#include <algorithm>

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
  for (auto const node : nodes) peers_.try_emplace(node);
}

void Exchange::tell_all(Message const& message) {
  for (auto& [node, peer] : peers_)
    if (peer.presence == Presence::here) peer.outbox.add(message);
}

void Exchange::forget_jobs() {
  for (auto& [node, peer] : peers_) peer.outbox.clear_jobs();
}

void Exchange::recall(NodeId node, std::uint64_t count) {
  auto& peer = peers_.at(node);
  auto runs = peer.outbox.recall(count);
  auto const rest = count - jobs_in(runs);
  if (rest == 0) {
    releases_.push_back({node, std::move(runs)});
  } else {
    peer.outbox.add(Recall{run_, rest});
    peer.recalled.push_back(std::move(runs));
  }
}

void Exchange::cancel(NodeId node, JobAttempt name) {
  if (!peers_.at(node).outbox.drop(name)) tell(node, Cancel{run_, name});
}

void Exchange::lose(NodeId node) {
  wire_.abandon(node);
  auto const of_node = [&](Release const& release) { return release.from == node; };
  releases_.erase(std::remove_if(releases_.begin(), releases_.end(), of_node), releases_.end());
  auto& peer = peers_.at(node);
  peer = Peer{.outbox = {}, .presence = Presence::lost, .call = peer.call};
}

void Exchange::readmit(NodeId node, Begin begin) {
  auto& peer = peers_.at(node);
  peer = Peer{.outbox = {}, .presence = Presence::returning, .call = peer.call + 1};
  begin.call = peer.call;
  peer.outbox.add(std::move(begin));
}

void Exchange::end(End const& message) {
  for (auto& [node, peer] : peers_)
    if (peer.presence == Presence::returning) peer.presence = Presence::here;
  tell_all(message);
}

std::vector<NodeId> Exchange::present() const {
  std::vector<NodeId> nodes;
  for (auto const& [node, peer] : peers_)
    if (peer.presence == Presence::here) nodes.push_back(node);
  return nodes;
}

void Exchange::keep_alive(Duration every, Time now) {
  for (auto& [node, peer] : peers_)
    if (peer.presence == Presence::here && now - peer.last_sent > every && wire_.clear(node))
      peer.outbox.add(Alive{run_});
}

void Exchange::take(Peer& peer, NodeId from, Released const& released) {
  peer.outbox.taken(released.taken);
  if (peer.recalled.empty())
    throw EngineError{fmt::format("rank {} gives back jobs that it was not asked for", from.value()), "",
                      "please report this as a bug of Ballast"};
  auto runs = runs_of(released.names);
  runs.insert(runs.end(), peer.recalled.front().begin(), peer.recalled.front().end());
  peer.recalled.pop_front();
  releases_.push_back({from, std::move(runs)});
}

std::optional<Exchange::Release> Exchange::release() {
  if (releases_.empty()) return {};
  auto release = std::move(releases_.front());
  releases_.pop_front();
  return release;
}

bool Exchange::admits(Peer& peer, NodeId from, Message const& message) {
  if (std::visit([](auto const& kind) { return kind.run; }, message) != run_) return false;
  if (peer.presence == Presence::here) return true;
  if (peer.presence == Presence::returning) {
    if (std::holds_alternative<Refused>(message)) {
      peer.presence = Presence::here;  // it waits for the end
      return true;
    }
    if (auto const* const needs = std::get_if<Needs>(&message)) return needs->call == peer.call;
    if (auto const* const ready = std::get_if<Ready>(&message); ready != nullptr && ready->call == peer.call)
      peer.presence = Presence::here;
    return peer.presence == Presence::here;
  }
  if (std::find(returned_.begin(), returned_.end(), from) == returned_.end()) returned_.push_back(from);
  return false;
}

std::optional<Exchange::Arrival> Exchange::receive() {
  while (auto received = wire_.receive()) {
    ++messages_;
    bytes_received_ += received->frame.size();
    auto message = decode_message(received->frame);
    auto const found = peers_.find(received->from);
    if (found == peers_.end()) continue;  // lost in an earlier run
    auto& peer = found->second;
    if (!admits(peer, received->from, message)) continue;
    if (auto const* const report = std::get_if<Report>(&message)) peer.outbox.taken(report->taken);
    if (auto const* const released = std::get_if<Released>(&message)) take(peer, received->from, *released);
    return Arrival{received->from, std::move(message)};
  }
  return {};
}

bool Exchange::send(Outbox::NextJob next, Outbox::Load const& load, Time now) {
  bool sent = false;
  std::size_t loaded = 0;
  for (auto const& [node, peer] : peers_) loaded += peer.outbox.loaded();
  for (auto& [node, peer] : peers_) {
    if (peer.presence == Presence::lost || !wire_.clear(node)) continue;
    auto const before = peer.outbox.loaded();
    peer.supplied = peer.supplied || peer.outbox.supplying();  // the wire is clear: it has taken what was sent before
    auto frame = peer.outbox.next_frame(run_, loaded < most_loaded ? next : Outbox::NextJob::wait, load);
    loaded += peer.outbox.loaded() - before;
    if (!frame) continue;
    bytes_sent_ += frame->size();
    wire_.send(node, std::move(*frame));
    peer.last_sent = now;
    ++messages_;
    sent = true;
  }
  return sent;
}

}  // namespace ballast
