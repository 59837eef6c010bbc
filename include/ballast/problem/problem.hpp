// Problem: what the engine runs. Authors usually write split, solve and join instead (authored.hpp makes a Problem of
// it).
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "ballast/core/job.hpp"
#include "ballast/core/solution.hpp"
#include "ballast/core/solver.hpp"
#include "ballast/problem/joiner.hpp"
#include "ballast/problem/splitter.hpp"

namespace ballast {

/// How a job is done without Ballast.
struct ByHand {
  std::string command{};
  enum class Input { none, job } input{};  ///< what is on its standard input
};

/// How jobs are tied to nodes: job j is of shard j mod `count`, and only a node that owns the shard is given it. Shards
/// are dealt to the nodes; one whose last owner is lost moves to another node, which begins anew.
struct Sharding {
  std::uint32_t count{1};   ///< 1: any node, any job
  std::uint32_t owners{1};  ///< of each shard, at most all nodes; more, where nodes would go without a shard
  /// The last `count` parts of state() are one for each shard: take() gets null for those that the node does not own.
  bool divides_state{false};
};

/// One object per rank, made the same way on all. The engine asks the Main Node's for the splitter and the joiner, and
/// the computing nodes' for solutions.
class Problem : public Solver {
 public:
  /// What makes a run the same (dataset, command, options that shape jobs): ranks, and a resume, must agree on it.
  [[nodiscard]] virtual std::string identity() const = 0;
  /// The shell command that does this job by hand; nothing if there is none. Main Node.
  [[nodiscard]] virtual ByHand by_hand([[maybe_unused]] std::string_view job) const { return {}; }
  /// Main Node, before anything else is asked: whether all nodes can do all jobs.
  [[nodiscard]] virtual Sharding sharding() const { return {}; }
  /// Main Node, once per run, before split(): what every computing node has before its first job, in parts. A part that
  /// a node has from the session's run before is not sent again.
  [[nodiscard]] virtual std::vector<std::shared_ptr<Payload const>> state() { return {}; }
  /// Computing node, in the rank, before prepare() and before its solvers are forked, so that they find it in the
  /// object: the parts of state(), in that order. Throws what prepare() does.
  virtual void take(std::vector<std::shared_ptr<Payload const>> /*parts*/) {}
  /// Computing node, before its first job, in the run's working directory and environment: throws InputOutputError if
  /// this node cannot solve anything (a program is missing). Such a node gets no jobs.
  virtual void prepare() {}
  /// Main Node, once per run, before split(): what each job is expected to cost, by id, in any unit, from an earlier
  /// run or a guess; empty if that is not known.
  [[nodiscard]] virtual std::vector<double> costs() { return {}; }
  /// Main Node, once per run, after split(): jobs of which nothing has to be done, in order and disjoint. They are
  /// neither solved nor joined, and not counted.
  [[nodiscard]] virtual std::vector<JobSpan> skipped() { return {}; }
  /// Main Node, when a job was solved or given up in this start of the run, in order of completion; must not block.
  virtual void ended([[maybe_unused]] JobOutcome const& job) {}
  /// What a resumed run can go by when there is no run directory, for messages: `the job log jobs.tsv`; empty: nothing.
  [[nodiscard]] virtual std::string kept_in() const { return {}; }
  /// What the first job is called in messages and in names of files: as people count them.
  [[nodiscard]] virtual std::uint64_t first_number() const { return 0; }
  /// Main Node, once per run.
  [[nodiscard]] virtual Splitter split() = 0;
  [[nodiscard]] virtual std::unique_ptr<Joiner> join() = 0;
};

}  // namespace ballast
