// Who is here: the roll call, signs of life, and the end that all must hear of.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <filesystem>
#include <set>

#include <unistd.h>

#include "ballast/runtime/session.hpp"
#include "core/host.hpp"
#include "runtime/main_node.hpp"

namespace ballast {
namespace {

constexpr int signs_of_life_per_lease = 4;
constexpr Duration patience_when_interrupted = std::chrono::milliseconds{500};

/// Weights are those of rank 1 and on; with one rank, its own.
std::optional<double> weight_of(NodeId node, std::vector<double> const& weights) {
  auto const place = node == main_node ? 0 : node.value() - 1;
  return place < weights.size() ? std::optional{weights[place]} : std::nullopt;
}

bool is_answer(Message const& message) {
  return std::holds_alternative<Ready>(message) || std::holds_alternative<Refused>(message);
}

}  // namespace

Begin MainNode::begin(NodeId node) const {
  Begin begin;
  begin.run = setting_.run;
  begin.build = version();
  begin.arguments = setting_.arguments;
  begin.directory = std::filesystem::absolute(options_.directory.empty() ? "." : options_.directory).lexically_normal();
  std::set<std::string> names{options_.environment.begin(), options_.environment.end()};
  names.insert("PATH");
  for (auto const& name : names)
    if (auto const* const value = std::getenv(name.c_str())) begin.variables.push_back(name + "=" + value);
  begin.host = host_name();
  begin.process = getpid();
  begin.lease = setting_.lease;
  auto const shards = placement_.shards_of(node);
  for (std::size_t part = 0; part < state_parts_.size(); ++part) {
    auto const shard = shard_of_part(part);
    bool const wanted = !shard || std::binary_search(shards.begin(), shards.end(), *shard);
    begin.state.push_back(wanted ? std::optional{state_parts_[part]} : std::nullopt);
  }
  return begin;
}

std::optional<std::uint32_t> MainNode::shard_of_part(std::size_t part) const {
  auto const& [count, owners, divides_state] = setting_.sharding;
  if (!divides_state || part + count < state_parts_.size()) return {};
  return static_cast<std::uint32_t>(part + count - state_parts_.size());
}

void MainNode::call_the_roll() {
  for (auto const node : setting_.nodes) exchange_.tell(node, begin(node));
  Refusals refusals;
  Leases patience{setting_.lease * leases_to_begin};
  std::set<NodeId> awaited{setting_.nodes.begin(), setting_.nodes.end()};
  for (auto const node : awaited) patience.heard(node, Clock::now());
  while (!awaited.empty()) {
    auto const now = Clock::now();
    if (auto arrival = exchange_.receive()) {
      if (awaited.contains(arrival->from)) patience.heard(arrival->from, now);
      if (!is_answer(arrival->message)) {
        take(std::move(*arrival), now);
        continue;
      }
      patience.forget(arrival->from);
      awaited.erase(arrival->from);
      answered(arrival->from, arrival->message, refusals, now);
      continue;
    }
    mind_patience(patience, awaited, refusals, now);
    check_interruption();
    reassure(now);  // those that have answered may have to wait for the last one
    wait_for_mail(now);
  }
  judge(refusals);
  auto absent = refusals.lost;
  for (auto const& [node, refused] : refusals.said) absent.push_back(node);
  move_shards(absent, Clock::now());
  limit_attempts(time_limit_.at_start());
}

void MainNode::mind_patience(Leases& patience, std::set<NodeId>& awaited, Refusals& refusals, Time now) {
  for (auto const node : awaited)
    if (exchange_.supplied(node)) patience.heard(node, now);
  for (auto const node : patience.lapsed(now)) {
    exchange_.lose(node);
    awaited.erase(node);
    refusals.lost.push_back(node);
  }
}

void MainNode::supply(NodeId node, Needs const& needs, Time now) {
  if (leases_.forget(node)) wait_for_beginning(node, now);  // else the roll is being called
  for (auto const part : needs.parts) {
    if (part >= state_.size())
      throw EngineError{fmt::format("rank {} asks for part {} of the state", node.value(), part),
                        fmt::format("there are {}", state_.size()), "please report this as a bug of Ballast"};
    exchange_.supply(node, part, state_[part]);
  }
}

void MainNode::answered(NodeId from, Message const& answer, Refusals& refusals, Time now) {
  if (auto const* const refused = std::get_if<Refused>(&answer)) {
    refusals.said.emplace_back(from, *refused);
    return;
  }
  auto const& ready = std::get<Ready>(answer);
  ++report_.nodes;
  report_.solvers += ready.solvers;
  join(from, ready, now);
}

void MainNode::judge(Refusals const& refusals) {
  auto const nodes = setting_.nodes.size();
  for (auto const& [node, refused] : refusals.said)
    if (refused.kind == Refusal::disagreement)
      throw UsageError{fmt::format("rank {} on {} was started differently", node.value(), refused.host), refused.reason,
                       "give all ranks the same program and options"};
  auto const lost = refusals.lost.size();
  if (lost > 0) console_.say(fmt::format("{} of {} computing nodes do not answer and get no jobs", lost, nodes));
  if (lost == nodes)
    throw EngineError{"no computing node answers", "", "look at the launcher's messages, and start it again"};
  if (refusals.said.empty()) return;
  auto const& [node, refused] = refusals.said.front();
  if (refusals.said.size() + lost == nodes)
    throw InputOutputError{(nodes == 1 ? "" : "no computing node can work: ") + refused.reason, "", ""};
  console_.say(fmt::format("{} of {} computing nodes cannot work and get no jobs (rank {} on {}: {})",
                           refusals.said.size(), nodes, node.value(), refused.host, refused.reason));
}

void MainNode::join(NodeId from, Ready const& ready, Time now) {
  auto const weight = weight_of(from, options_.weights);
  auto shards = setting_.sharding.count > 1 ? placement_.shards_of(from) : std::vector<std::uint32_t>{};
  static_cast<void>(decide(NodeJoined{from, ready.solvers, weight, std::move(shards)}, now));
  if (attempt_limit_) exchange_.tell(from, Limit{setting_.run, attempt_limit_});
  leases_.heard(from, now);
  beginning_.forget(from);
  hosts_[from] = ready.host;
  if (ready.inside) inside_.push_back(from);
  if (options_.verbosity == Verbosity::verbose)
    console_.say(fmt::format("rank {} on {}: {} solver{}, {} cpus allowed", from.value(), ready.host, ready.solvers,
                             ready.solvers == 1 ? "" : "s", ready.cpus));
}

void MainNode::mind_leases(Time now) {
  if (setting_.lease == Duration{0}) return;
  for (auto const node : inside_) leases_.exempt(node, dispatcher_.ledger().held(node) > 0);
  auto silent = leases_.lapsed(now);
  for (auto const node : beginning_.lapsed(now))
    if (exchange_.supplied(node))
      beginning_.heard(node, now);
    else
      silent.push_back(node);
  if (!silent.empty()) lose(silent, now);
  for (auto const node : exchange_.returned()) {
    console_.say(fmt::format("rank {} is back", node.value()));
    placement_.readmit(node);
    begin_anew(node, now);
  }
  reassure(now);
}

void MainNode::reassure(Time now) {
  if (setting_.lease > Duration{0}) exchange_.keep_alive(setting_.lease / signs_of_life_per_lease, now);
}

void MainNode::lose(std::vector<NodeId> const& nodes, Time now) {
  for (auto const node : nodes) {
    console_.say(fmt::format("rank {} on {} has said nothing for {} s; its jobs go to others", node.value(),
                             hosts_[node], std::chrono::duration<double>{setting_.lease}.count()));
    exchange_.lose(node);
    std::erase(inside_, node);
    beginning_.forget(node);
  }
  part_with(nodes, now);
}

void MainNode::part_with(std::vector<NodeId> const& nodes, Time now) {
  for (auto const node : nodes) {
    auto const step = decide(NodeLost{node}, now);
    for (auto const& fact : step.facts)
      if (auto const* const given_up = std::get_if<JobGivenUp>(&fact))
        give_up(*given_up, {given_up->name, {}, {FailureKind::crashed, "it was running on nodes that were lost", {}}});
  }
  move_shards(nodes, now);
}

// Who gets more shards begins anew, as a node does that was lost: its solvers are to have them from their birth. Those
// that leave together leave nothing to each other.
void MainNode::move_shards(std::vector<NodeId> const& from, Time now) {
  std::set<NodeId> heirs;
  for (auto const node : from)
    for (auto const heir : placement_.lose(node)) heirs.insert(heir);
  for (auto const node : from) heirs.erase(node);
  if (setting_.sharding.count == 1) return;
  for (auto const heir : heirs) {
    exchange_.forget_jobs(heir);
    static_cast<void>(decide(NodeLeft{heir}, now));
    begin_anew(heir, now);
    if (std::erase(inside_, heir) > 0) wait_for_beginning(heir, now);  // it may be in the middle of a job
  }
}

/// It answers at once, if it lives.
void MainNode::begin_anew(NodeId node, Time now) {
  exchange_.readmit(node, begin(node));
  leases_.heard(node, now);
}

void MainNode::wait_for_beginning(NodeId node, Time now) {
  leases_.forget(node);
  beginning_.heard(node, now);
}

void MainNode::let_go(NodeId from, Refused const& refused, Time now) {
  console_.say(fmt::format("rank {} on {} cannot go on ({}); its jobs go to others", from.value(), refused.host,
                           refused.reason));
  beginning_.forget(from);
  part_with({from}, now);
}

bool MainNode::end(ExitCode outcome) {
  exchange_.forget_jobs();
  exchange_.end({setting_.run, outcome});
  auto const interrupted = interruption_.pending().has_value() && setting_.launcher == Launcher::mpirun;
  auto const began = Clock::now();
  auto const waited_for = exchange_.present();
  std::set<NodeId> left{waited_for.begin(), waited_for.end()};
  Leases patience{setting_.lease};
  for (auto const node : left) patience.heard(node, began);
  while (!left.empty()) {
    auto const now = Clock::now();
    if (interrupted && now - began > patience_when_interrupted) return false;
    if (auto const arrival = exchange_.receive()) {
      patience.heard(arrival->from, now);
      if (!std::holds_alternative<Bye>(arrival->message)) continue;
      left.erase(arrival->from);
      patience.forget(arrival->from);  // it may be silent while others are waited for
      continue;
    }
    for (auto const node : patience.lapsed(now)) {
      exchange_.lose(node);
      left.erase(node);
    }
    wait_for_mail(now);
  }
  return lost().empty();
}

std::vector<NodeId> MainNode::lost() const {
  auto lost = setting_.nodes;
  for (auto const node : exchange_.present()) lost.erase(std::remove(lost.begin(), lost.end(), node), lost.end());
  return lost;
}

}  // namespace ballast
