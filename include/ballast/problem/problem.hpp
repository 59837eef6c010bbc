// Problem: what the engine runs. Authors usually write split, solve and join instead (authored.hpp makes a Problem of
// it).
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "ballast/core/solver.hpp"
#include "ballast/problem/joiner.hpp"
#include "ballast/problem/splitter.hpp"

namespace ballast {

/// One object per rank, made the same way on all. The engine asks the Main Node's for the splitter and the joiner, and
/// the computing nodes' for solutions.
class Problem : public Solver {
 public:
  /// What makes a run the same (dataset, command, options that shape jobs): ranks, and a resume, must agree on it.
  [[nodiscard]] virtual std::string identity() const = 0;
  /// How a job is run by hand whose input is on standard input: a shell command, or nothing.
  [[nodiscard]] virtual std::string by_hand() const { return {}; }
  /// Computing node, before its first job, in the run's working directory and environment: throws InputOutputError if
  /// this node cannot solve anything (a program is missing). Such a node gets no jobs.
  virtual void prepare() {}
  /// Main Node, once per run, before split(): what each job is expected to cost, by id, in any unit, from an earlier
  /// run or a guess; empty if that is not known.
  [[nodiscard]] virtual std::vector<double> costs() { return {}; }
  /// Main Node, once per run.
  [[nodiscard]] virtual Splitter split() = 0;
  [[nodiscard]] virtual std::unique_ptr<Joiner> join() = 0;
};

}  // namespace ballast
