// Numbers are written as `%.6g`, in seconds.
#include "knn_report.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <utility>

namespace app {
namespace {

double seconds(ballast::Duration duration) { return std::chrono::duration<double>{duration}.count(); }

using Named = std::pair<char const*, std::optional<double>>;

std::vector<Named> named(KnnNumbers const& numbers, std::optional<double> build_seconds) {
  return {{"queries_per_second", numbers.queries_per_second},
          {"recall", numbers.recall},
          {"build_seconds", build_seconds},
          {"p50", numbers.p50},
          {"p95", numbers.p95},
          {"p99", numbers.p99}};
}

nlohmann::ordered_json object_of(KnnNumbers const& numbers, std::optional<double> build_seconds) {
  nlohmann::ordered_json object = nlohmann::ordered_json::object();
  for (auto const& [name, value] : named(numbers, build_seconds))
    if (value) object[name] = *value;
  return object;
}

std::string cell(std::optional<double> value) { return value ? fmt::format("{:.6g}", *value) : "nan"; }

}  // namespace

void KnnTally::searched(std::uint64_t queries, ballast::Duration runtime) {
  searched_ += queries;
  runtimes_.push_back(runtime);
}

void KnnTally::compared(std::uint64_t queries, double recall) {
  compared_ += queries;
  hits_ += recall * static_cast<double>(queries);
}

std::optional<double> KnnTally::queries_per_second(ballast::Duration makespan) const {
  if (searched_ == 0 || makespan <= ballast::Duration{0}) return {};
  return static_cast<double>(searched_) / seconds(makespan);
}

std::optional<double> KnnTally::recall() const {
  if (compared_ == 0) return {};
  return hits_ / static_cast<double>(compared_);
}

std::optional<double> KnnTally::batch_seconds(double share) const {
  if (runtimes_.empty()) return {};
  auto sorted = runtimes_;
  std::sort(sorted.begin(), sorted.end());
  auto const place = static_cast<std::size_t>(std::ceil(share * static_cast<double>(sorted.size())));
  return seconds(sorted[std::max<std::size_t>(place, 1) - 1]);
}

KnnNumbers numbers_of(KnnTally const& tally, std::size_t ef, ballast::Duration makespan) {
  return {ef,
          tally.queries_per_second(makespan),
          tally.recall(),
          tally.batch_seconds(0.5),
          tally.batch_seconds(0.95),
          tally.batch_seconds(0.99)};
}

std::string lines_of(KnnNumbers const& numbers, std::optional<double> build_seconds) {
  std::string lines;
  for (auto const& [name, value] : named(numbers, build_seconds))
    if (value) lines += fmt::format("{}\t{:.6g}\n", name, *value);
  return lines;
}

std::string json_of(KnnNumbers const& numbers, std::optional<double> build_seconds) {
  return object_of(numbers, build_seconds).dump() + "\n";
}

std::string table_of(std::vector<KnnNumbers> const& sweep) {
  std::string table = "ef\trecall\tqueries_per_second\n";
  for (auto const& row : sweep)
    table += fmt::format("{}\t{}\t{}\n", row.ef, cell(row.recall), cell(row.queries_per_second));
  return table;
}

std::string json_of(std::vector<KnnNumbers> const& sweep, std::optional<double> build_seconds) {
  nlohmann::ordered_json rows = nlohmann::ordered_json::array();
  for (auto const& row : sweep) {
    nlohmann::ordered_json object{{"ef", row.ef}};
    object.update(object_of(row, {}));
    rows.push_back(std::move(object));
  }
  nlohmann::ordered_json all = nlohmann::ordered_json::object();
  if (build_seconds) all["build_seconds"] = *build_seconds;
  all["sweep"] = std::move(rows);
  return all.dump() + "\n";
}

}  // namespace app
