// Solver scene: a solver made of a function, and an agent that only hands out jobs and gathers what becomes of them.
#pragma once

#include <algorithm>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "ballast/core/clock.hpp"
#include "ballast/core/solver.hpp"
#include "solver/solver_pool.hpp"

namespace ballast::testing {

class FunctionSolver final : public Solver {
 public:
  using Function = std::function<void(AttemptContext const&, std::string_view, SolutionSink&)>;

  explicit FunctionSolver(Function function) : function_{std::move(function)} {}
  void solve(AttemptContext const& context, std::string_view job, SolutionSink& solution) override {
    function_(context, job, solution);
  }

 private:
  Function function_;
};

/// How one attempt ended, with its pieces joined.
struct Ending {
  std::string solution;
  std::optional<Failure> failure;  ///< none: solved
  std::string diagnostics;
  Duration runtime{};
  Digest digest;
  std::size_t largest_piece{};
};

class SmallAgent {
 public:
  explicit SmallAgent(SolverPool& pool) : pool_{pool} {}

  /// Takes whatever news there is.
  void look() {
    for (auto& news : pool_.poll(Clock::now())) {
      if (auto* const piece = std::get_if<Piece>(&news)) append(unfinished_[piece->name], piece->bytes);
      if (auto* const solved = std::get_if<Solved>(&news)) finish(*solved);
      if (auto* const failed = std::get_if<Failed>(&news)) finish(*failed);
    }
  }

  /// Lets things go on until `condition` holds. Throws after a minute.
  template <class Condition>
  void look_until(Condition condition) {
    auto const deadline = Clock::now() + std::chrono::minutes{1};
    look();
    while (!condition()) {
      if (Clock::now() > deadline) throw std::runtime_error{"what the test waits for does not happen"};
      pool_.wait(std::chrono::seconds{5});
      look();
    }
  }

  void start(JobAttempt name, std::string payload) {
    look_until([this] { return pool_.idle() > 0; });
    pool_.start(Job{name, Digest{name.job.value() + 1000}, std::move(payload)}, Clock::now());
  }

  Ending const& ending_of(JobAttempt name) {
    look_until([&] { return endings.contains(name); });
    return endings.at(name);
  }

  Ending run(std::string payload) {
    JobAttempt const name{JobId{next_job_++}, Attempt{1}};
    start(name, std::move(payload));
    return ending_of(name);
  }

  std::map<JobAttempt, Ending> endings;
  bool keeps_bytes = true;

 private:
  void append(Ending& ending, std::string const& bytes) const {
    if (keeps_bytes) ending.solution += bytes;
    ending.largest_piece = std::max(ending.largest_piece, bytes.size());
  }

  void finish(Solved& solved) {
    auto& ending = conclude(solved.name);
    append(ending, solved.bytes);
    ending.diagnostics = solved.diagnostics;
    ending.runtime = solved.runtime;
    ending.digest = solved.digest;
  }

  void finish(Failed& failed) {
    auto& ending = conclude(failed.name);
    ending.runtime = failed.runtime;
    ending.diagnostics = failed.failure.diagnostics;
    ending.failure = failed.failure;
  }

  Ending& conclude(JobAttempt name) {
    auto const [ending, is_first] = endings.emplace(name, std::move(unfinished_[name]));
    if (!is_first) throw std::runtime_error{"an attempt has ended twice"};
    unfinished_.erase(name);
    return ending->second;
  }

  SolverPool& pool_;
  std::uint64_t next_job_{};
  std::map<JobAttempt, Ending> unfinished_;
};

/// The solution, or what kind of failure it is and why.
inline std::string as_text(Ending const& ending) {
  if (!ending.failure) return ending.solution;
  static char const* const kinds[] = {"refused", "crashed", "timed out"};
  return std::string{kinds[static_cast<int>(ending.failure->kind)]} + ": " + ending.failure->reason;
}

/// A pool of solver processes that run a function.
struct Scene {
  explicit Scene(FunctionSolver::Function function, unsigned solvers = 1)
      : solver{std::move(function)}, pool{make_process_pool(solver, NodeId{5}, solvers)}, agent{*pool} {}

  void await_all(unsigned solvers) {
    agent.look_until([&] { return pool->idle() == solvers; });
  }

  FunctionSolver solver;
  std::unique_ptr<SolverPool> pool;
  SmallAgent agent;
};

}  // namespace ballast::testing
