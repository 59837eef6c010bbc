// The pool without processes: solves in the caller, while poll() lasts.
#include <algorithm>
#include <optional>
#include <thread>
#include <utility>

#include "ballast/core/contract.hpp"
#include "solver/attempt_outcome.hpp"
#include "solver/channel.hpp"
#include "solver/solver_pool.hpp"
#include "solver/text_tail.hpp"

namespace ballast {
namespace {

/// Keeps a solution in pieces as large as those of a solver process.
class NewsSink final : public SolutionSink {
 public:
  explicit NewsSink(JobAttempt const& name) : name_{name} {}

  void write(std::string_view piece) override {
    while (!piece.empty()) {
      if (bytes_.size() == piece_limit) news_.push_back(Piece{name_, std::exchange(bytes_, {})});
      auto const size = std::min(piece_limit - bytes_.size(), piece.size());
      bytes_.append(piece.substr(0, size));
      piece.remove_prefix(size);
    }
  }

  void diagnose(std::string_view text) override { diagnostics_.append(text); }
  void account(Account const& account) override { account_ = account; }

  [[nodiscard]] std::vector<News> finish(AttemptOutcome&& outcome, Digest digest) {
    if (outcome.refusal) {
      Failure failure{outcome.refusal->kind, std::move(outcome.refusal->reason), diagnostics_.take_for_reading()};
      Failed failed{name_, outcome.runtime, std::move(failure), account_, {}};
      if (outcome.refusal->remains == Remains::kept) failed.remains = std::move(bytes_);
      news_.push_back(std::move(failed));
    } else {
      news_.push_back(
          Solved{name_, digest, outcome.runtime, std::move(bytes_), diagnostics_.take_for_reading(), account_});
    }
    return std::move(news_);
  }

 private:
  JobAttempt name_;
  Payload bytes_;
  TextTail diagnostics_{diagnostics_limit};
  std::optional<Account> account_;
  std::vector<News> news_;
};

class InlinePool final : public SolverPool {
 public:
  InlinePool(Solver& solver, NodeId node) : solver_{solver}, node_{node} {}

  unsigned idle() const override { return job_ ? 0 : 1; }

  void start(Job&& job, Time) override {
    BALLAST_EXPECT(idle() > 0);
    job_ = std::move(job);
  }

  // The attempt is made here, so that its start can be told before it takes its time.
  std::vector<News> poll(Time) override {
    if (!job_) return {};
    auto const job = *std::exchange(job_, {});
    NewsSink sink{job.name};
    auto outcome = make_attempt(solver_, {job.name, node_, SolverId{}}, job.payload, sink);
    return sink.finish(std::move(outcome), job.digest);
  }

  void cancel(JobAttempt name) override {
    if (job_ && job_->name == name) job_.reset();
  }

  void limit(std::optional<Duration>) override {}

  void wait(Duration at_most) override {
    if (!job_) std::this_thread::sleep_for(at_most);
  }

 private:
  Solver& solver_;
  NodeId node_;
  std::optional<Job> job_;
};

}  // namespace

std::unique_ptr<SolverPool> make_inline_pool(Solver& solver, NodeId node) {
  return std::make_unique<InlinePool>(solver, node);
}

}  // namespace ballast
