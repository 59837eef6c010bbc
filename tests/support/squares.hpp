// Squares: a problem whose result is easy to check, with whatever damage a test asks for.
#pragma once

#include <csignal>
#include <functional>
#include <map>
#include <vector>

#include <ballast/ballast.hpp>

namespace ballast {

/// Jobs 0 … n − 1, each with `padding` more bytes; the solution is the square.
struct Squares {
  using Job = std::vector<std::uint64_t>;
  using Solution = std::vector<std::uint64_t>;

  std::uint64_t jobs{};
  std::size_t padding{0};
  std::function<void(AttemptContext const&)> before_solve = [](AttemptContext const&) {};
  std::uint64_t next{0};
  std::map<std::uint64_t, std::uint64_t> result{};
  std::uint64_t joined_twice{0};

  std::optional<Job> split() {
    if (next == jobs) return {};
    Job job(1 + padding, next++);
    return job;
  }
  Solution solve(Job const& job, AttemptContext const& context) {
    before_solve(context);
    Solution solution(job.size(), job.front() * job.front());
    return solution;
  }
  void join(JobId id, Solution&& solution) {
    if (solution.size() == 1 + padding && !result.emplace(id.value(), solution.back()).second) ++joined_twice;
  }

  /// Whether all jobs but `missing` have their square, once.
  [[nodiscard]] bool right(std::uint64_t missing = 0) const {
    for (auto const& [job, square] : result)
      if (square != job * job) return false;
    return result.size() == jobs - missing && joined_twice == 0;
  }
};

}  // namespace ballast
