// Authored problem: an author's split, solve and join, as a Problem the engine can run.
#pragma once

#include <concepts>
#include <memory>
#include <optional>
#include <string>
#include <typeinfo>
#include <utility>
#include <vector>

#include "ballast/core/solver.hpp"
#include "ballast/problem/codec.hpp"
#include "ballast/problem/problem.hpp"

namespace ballast {

/// Solves a job by itself: `Solution solve(Job const&)`.
template <class A>
concept SolvesJob = requires(A& author, typename A::Job const& job) {
  { author.solve(job) } -> std::convertible_to<typename A::Solution>;
};

/// Solves a job and wants to know which attempt it is, and where: `Solution solve(Job const&, AttemptContext const&)`.
template <class A>
concept SolvesAttempt = requires(A& author, typename A::Job const& job, AttemptContext const& context) {
  { author.solve(job, context) } -> std::convertible_to<typename A::Solution>;
};

/// What an author writes. `split` and `join` are called on the Main Node, each by one thread, `solve` on the computing
/// nodes. Job and Solution are default-constructible types that Boost.Serialization can carry. Optional members:
/// - `static constexpr auto order = ballast::JoinOrder::dataset;` asks for solutions in job order, which may have to
///   wait for a slow one; without it, join() is called as they arrive.
/// - `void close()` is called on the Main Node when the last solution is joined.
/// - `std::vector<double> costs()` says what each job is expected to cost, by id, in any unit (see Problem).
/// - `std::vector<std::shared_ptr<Payload const>> state()` and `void take(…)` of the same: what every computing node
///   has before its first job (see Problem).
/// - `Sharding sharding() const` ties jobs to the nodes that own their shard (see Problem).
/// - `std::string identity() const` says what makes a run the same (see Problem); without it, the type's name.
template <class A>
concept Author = (SolvesJob<A> || SolvesAttempt<A>)&&requires(A& author, JobId id, typename A::Solution&& solution) {
  { author.split() } -> std::same_as<std::optional<typename A::Job>>;
  author.join(id, std::move(solution));
};

namespace detail {

template <Author A>
class AuthoredSplitter final : public StreamSplitter {
 public:
  explicit AuthoredSplitter(A& author) : author_{author} {}

  std::optional<Payload> next() override {
    auto job = author_.split();
    if (!job) return std::nullopt;
    return encode(*std::move(job));
  }

 private:
  A& author_;
};

template <Author A>
class AuthoredJoiner final : public Joiner {
 public:
  explicit AuthoredJoiner(A& author) : author_{author} {}

  [[nodiscard]] JoinOrder order() const override {
    if constexpr (requires { &A::order; }) {
      return A::order;
    } else {
      return JoinOrder::arrival;
    }
  }

  void write(JobId, std::string_view piece) override { solution_.append(piece); }

  void finish(JobId job) override { author_.join(job, decode<typename A::Solution>(std::exchange(solution_, {}))); }

  void close() override {
    if constexpr (requires(A & author) { author.close(); }) author_.close();
  }

 private:
  A& author_;
  Payload solution_;  ///< what has come of the job that is being joined
};

}  // namespace detail

/// Borrows the author's object, which must outlive it.
template <Author A>
class AuthoredProblem final : public Problem {
 public:
  explicit AuthoredProblem(A& author) : author_{author} {}

  [[nodiscard]] std::string identity() const override {
    if constexpr (requires(A const& author) {
                    { author.identity() } -> std::convertible_to<std::string>;
                  }) {
      return author_.identity();
    } else {
      return typeid(A).name();
    }
  }

  [[nodiscard]] std::vector<double> costs() override {
    if constexpr (requires(A & author) {
                    { author.costs() } -> std::convertible_to<std::vector<double>>;
                  }) {
      return author_.costs();
    } else {
      return {};
    }
  }

  [[nodiscard]] Sharding sharding() const override {
    if constexpr (requires(A const& author) { author.sharding(); }) {
      return author_.sharding();
    } else {
      return {};
    }
  }

  [[nodiscard]] std::vector<std::shared_ptr<Payload const>> state() override {
    if constexpr (requires(A & author) { author.state(); }) {
      return author_.state();
    } else {
      return {};
    }
  }
  void take(std::vector<std::shared_ptr<Payload const>> parts) override {
    if constexpr (requires(A & author) { author.take(std::move(parts)); }) author_.take(std::move(parts));
  }

  [[nodiscard]] Splitter split() override { return std::make_unique<detail::AuthoredSplitter<A>>(author_); }
  [[nodiscard]] std::unique_ptr<Joiner> join() override { return std::make_unique<detail::AuthoredJoiner<A>>(author_); }

  void solve(AttemptContext const& context, std::string_view job, SolutionSink& solution) override {
    auto const value = decode<typename A::Job>(job);
    solution.write(encode(solved(value, context)));
  }

 private:
  typename A::Solution solved(typename A::Job const& job, AttemptContext const& context) {
    if constexpr (SolvesAttempt<A>) {
      return author_.solve(job, context);
    } else {
      return author_.solve(job);
    }
  }

  A& author_;
};

}  // namespace ballast
