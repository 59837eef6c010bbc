// Who is there is counted as nodes come and go; what they are worth, as their jobs end.
#include "schedule/roster.hpp"

#include <algorithm>
#include <cmath>

#include "ballast/core/contract.hpp"

namespace ballast {
namespace {

constexpr std::uint64_t jobs_to_trust = 3;  // before a node's own rate counts
constexpr std::uint64_t recent_jobs = 16;   // what the moving mean remembers
constexpr double jobs_of_prejudice = 2;     // weight of everybody's mean in the expectation of one node's

double seconds(Duration duration) { return std::chrono::duration<double>{duration}.count(); }

std::optional<double> rate(Node const& node) {
  if (node.solved < jobs_to_trust) return {};
  return node.solvers / std::max(node.pace, 1e-9);
}

}  // namespace

void Node::assigned(std::uint64_t jobs, Time now) {
  if (chunks.empty()) {
    chunk_began = now;
    awaited = now;
  }
  chunks.push_back({jobs, jobs, {}, now});
  held += jobs;
}

std::optional<ChunkEnded> Node::ended(JobAttempt name, Duration runtime, Time now) {
  BALLAST_EXPECT(held > 0);
  stopped(name);
  --held;
  auto& chunk = chunks.front();
  chunk.working += runtime;
  if (--chunk.left > 0) return {};
  ChunkEnded const done{id, chunk.jobs, chunk.working / solvers, now - chunk_began};
  chunks.pop_front();
  if (!chunks.empty()) chunk_began = std::max(now, chunks.front().assigned);
  return done;
}

void Node::relieved(std::uint64_t jobs) {
  BALLAST_EXPECT(jobs <= held);
  held -= jobs;
  while (jobs > 0) {
    auto& chunk = chunks.back();
    auto const here = std::min(jobs, chunk.left);
    chunk.jobs -= here;
    chunk.left -= here;
    jobs -= here;
    if (chunk.left == 0) chunks.pop_back();
  }
}

bool Node::started(JobAttempt name, Time now) {
  auto const known = [&](Running const& one) { return one.name == name; };
  if (std::any_of(running.begin(), running.end(), known)) return false;
  running.push_back({name, now});
  return true;
}

void Node::stopped(JobAttempt name) {
  auto const found = std::find_if(running.begin(), running.end(), [&](Running const& one) { return one.name == name; });
  if (found != running.end()) running.erase(found);
}

void Node::measure(Duration runtime, double cost) {
  ++solved;
  auto const memory = std::min(solved, recent_jobs);
  mean_runtime =
      mean_runtime ? *mean_runtime + (runtime - *mean_runtime) / static_cast<Duration::rep>(memory) : runtime;
  pace += (seconds(runtime) / cost - pace) / static_cast<double>(memory);
}

Node& Roster::join(NodeJoined const& event, std::uint64_t quota) {
  BALLAST_EXPECT(event.solvers > 0);
  auto const [place, fresh] = nodes_.try_emplace(event.node);
  BALLAST_EXPECT(fresh);
  auto& node = place->second;
  node.id = event.node;
  node.solvers = event.solvers;
  node.shards = event.shards.empty() ? std::vector{0U} : event.shards;
  node.given_weight = event.weight;
  node.quota = quota;
  solvers_ += event.solvers;
  if (event.weight) {
    given_.sum += *event.weight;
    ++given_.nodes;
  }
  return node;
}

void Roster::leave(NodeId id) {
  auto const left = nodes_.extract(id);
  if (left.empty()) return;
  auto const& node = left.mapped();
  solvers_ -= node.solvers;
  cost_held_ -= node.cost_held;
  count_rate(node, -1);
  if (node.given_weight) {
    given_.sum -= *node.given_weight;
    --given_.nodes;
  }
}

void Roster::count_rate(Node const& node, double sign) {
  auto const jobs_per_second = rate(node);
  if (!jobs_per_second) return;
  measured_.sum += sign * *jobs_per_second;
  sign > 0 ? ++measured_.nodes : --measured_.nodes;
}

void Roster::measure(Node& node, Duration runtime, double cost) {
  count_rate(node, -1);
  node.measure(runtime, cost);
  count_rate(node, +1);
  auto const time = seconds(runtime);
  auto const surprise = time - times_mean_;
  times_mean_ += surprise / static_cast<double>(++times_count_);
  times_squares_ += surprise * (time - times_mean_);
  mean_pace_ += (time / cost - mean_pace_) / static_cast<double>(times_count_);
  longest_ = std::max(longest_, runtime);
}

Node* Roster::find(NodeId id) {
  auto const found = nodes_.find(id);
  return found == nodes_.end() ? nullptr : &found->second;
}

Node const* Roster::find(NodeId id) const {
  auto const found = nodes_.find(id);
  return found == nodes_.end() ? nullptr : &found->second;
}

JobTimes Roster::times() const {
  auto const others = times_count_ > 1 ? static_cast<double>(times_count_ - 1) : 1.0;
  return {times_count_, times_mean_, std::sqrt(times_squares_ / others)};
}

double Roster::weight(Node const& node) const {
  if (node.given_weight && given_.nodes > 0) return *node.given_weight * given_.nodes / given_.sum;
  auto const own = rate(node);
  if (!own || !(measured_.sum > 0)) return 1;
  return *own * measured_.nodes / measured_.sum;
}

double Roster::expected_pace(Node const& node) const {
  auto const own = static_cast<double>(std::min(node.solved, recent_jobs));
  return (own * node.pace + jobs_of_prejudice * mean_pace_) / (own + jobs_of_prejudice);
}

void Roster::count_held(Node& node, double cost) {
  node.cost_held += cost;
  cost_held_ += cost;
}

double Roster::load(Node const& node) const {
  return cost_held_ > 0 ? node.cost_held / node.solvers / (cost_held_ / solvers_) : 1.0;
}

std::optional<double> Roster::slowness(Node const& node) const {
  if (node.solved == 0 || !(mean_pace_ > 0)) return {};
  return expected_pace(node) / mean_pace_;
}

std::optional<Duration> Roster::expected_runtime(Node const& node, double cost) const {
  if (times_count_ == 0) return {};
  return Duration{std::max<Duration::rep>(1, std::llround(expected_pace(node) * cost * 1e9))};
}

}  // namespace ballast
