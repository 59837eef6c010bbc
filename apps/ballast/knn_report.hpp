// Knn report: how fast a search was, how long a batch took, and what it has found.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <ballast/core/clock.hpp>

namespace app {

/// Counts while a search goes on, on the Main Node. Each half is fed by a thread of its own.
class KnnTally {
 public:
  void searched(std::uint64_t queries, ballast::Duration runtime);
  /// So many queries had this recall.
  void compared(std::uint64_t queries, double recall);

  /// Of those that were searched in this start of the run; none if there are none.
  [[nodiscard]] std::optional<double> queries_per_second(ballast::Duration makespan) const;
  [[nodiscard]] std::optional<double> recall() const;
  /// Of the times of the batches, in seconds, 0 < share ≤ 1: the smallest that so many do not exceed.
  [[nodiscard]] std::optional<double> batch_seconds(double share) const;

 private:
  std::uint64_t searched_{0};
  std::vector<ballast::Duration> runtimes_;
  std::uint64_t compared_{0};
  double hits_{0};  // queries, weighted by their recall
};

/// One search, as it is printed; what is not known is left out.
struct KnnNumbers {
  std::size_t ef{};
  std::optional<double> queries_per_second;
  std::optional<double> recall;
  std::optional<double> p50;
  std::optional<double> p95;
  std::optional<double> p99;
};

[[nodiscard]] KnnNumbers numbers_of(KnnTally const& tally, std::size_t ef, ballast::Duration makespan);

/// One line each, `name<TAB>value`; or one JSON object.
[[nodiscard]] std::string lines_of(KnnNumbers const& numbers, std::optional<double> build_seconds);
[[nodiscard]] std::string json_of(KnnNumbers const& numbers, std::optional<double> build_seconds);
/// A table: ef, recall, queries_per_second; or one JSON object.
[[nodiscard]] std::string table_of(std::vector<KnnNumbers> const& sweep);
[[nodiscard]] std::string json_of(std::vector<KnnNumbers> const& sweep, std::optional<double> build_seconds);

}  // namespace app
