// ballast knn: nearest neighbours of many queries, exact or by a graph, searched in batches on all computing nodes.
#include <fmt/core.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <iostream>
#include <memory>
#include <nlohmann/json.hpp>

#include <ballast/ballast.hpp>
#include <ballast/problem/file_joiner.hpp>

#include "knn_dataset.hpp"
#include "knn_flags.hpp"
#include "knn_plot.hpp"
#include "knn_problem.hpp"
#include "knn_report.hpp"
#include "subcommand.hpp"

namespace app {
namespace {

/// Building is one job, which is made once, takes the time that it takes, and is not kept; a search follows.
ballast::RunOptions options_of_building(ballast::RunOptions options) {
  options.sequel = ballast::Sequel::follows;
  options.speculation = ballast::Speculation::off;
  options.time_limit.reset();
  options.max_jobs_per_node.reset();
  options.halt.reset();
  options.run_dir.clear();
  options.resume = ballast::Resume::no;
  options.record.clear();
  return options;
}

bool has_ended(ballast::RunReport const& report) {
  return report.outcome == ballast::ExitCode::solved || report.outcome == ballast::ExitCode::incomplete;
}

/// The searches of one command, in one session: the base travels once.
class Searches {
 public:
  Searches(KnnFlags const& flags, KnnPlan plan, CommandLine const& line, ballast::RunOptions options)
      : options_{std::move(options)}, session_{line.argc, line.argv}, dataset_{cut(std::move(plan), flags)} {}

  /// Sees to it that the picture will have its place and its recalls, before anything is searched. False if not; the
  /// outcome says why.
  bool promise_plot(std::string const& path) {
    if (path.empty() || !session_.is_main()) return true;
    try {
      dataset_.open();
      if (!dataset_.truth())
        throw ballast::UsageError{"there is no recall to plot", "the true neighbours are not known", "give --truth"};
      plot_ = ballast::make_file_joiner(path, ballast::JoinOrder::dataset);
      return true;
    } catch (ballast::Error const& error) {
      outcome_ = session_.refuse(error).outcome;
      return false;
    }
  }

  /// False if the graph could not be built; the outcome says why.
  bool build() {
    KnnBuild problem{dataset_};
    auto const report = session_.run(problem, options_of_building(options_));
    outcome_ = report.outcome;
    build_seconds_ = std::chrono::duration<double>{report.makespan}.count();
    return outcome_ == ballast::ExitCode::solved;
  }

  /// False if there are no numbers; the outcome says why.
  bool search(std::size_t ef, ballast::Sequel sequel) {
    KnnTally tally;
    KnnSearch problem{dataset_, tally, ef};
    auto options = options_;
    options.sequel = sequel;
    deduct_time_since(began_, options);
    auto const report = session_.run(problem, options);
    if (report.outcome != ballast::ExitCode::solved) outcome_ = report.outcome;
    if (has_ended(report)) numbers_.push_back(numbers_of(tally, ef, report.makespan));
    return has_ended(report);
  }

  void print(KnnFlags const& flags) const {
    if (!session_.is_main()) return;
    if (flags.sweep.empty())
      std::cout << (flags.json ? json_of(numbers_.front(), build_seconds_)
                               : lines_of(numbers_.front(), build_seconds_));
    else
      std::cout << (flags.json ? json_of(numbers_, build_seconds_) : table_of(numbers_));
  }

  /// What goes wrong now is the Main Node's alone: the others have ended.
  void draw() {
    if (!plot_) return;
    try {
      plot_->write(ballast::JobId{0}, plot_of(numbers_, words()));
      plot_->close();
    } catch (ballast::Error const& error) {
      fmt::print(stderr, "ballast: {}\n", error.what());
      outcome_ = error.exit_code();
    }
  }

  [[nodiscard]] int exit_code() const { return static_cast<int>(outcome_); }

 private:
  [[nodiscard]] KnnPlan cut(KnnPlan plan, KnnFlags const& flags) const {
    plan.shards = shards_of(flags, std::max(session_.size(), 2U) - 1);
    return plan;
  }

  [[nodiscard]] KnnPlotWords words() const {
    auto const& plan = dataset_.plan();
    return {
        fmt::format("{}, k = {}", std::filesystem::path{plan.base}.filename().string(), plan.k),
        fmt::format("{} queries of {} components by {}; hnsw with m = {}, ef-construction = {}", dataset_.query_count(),
                    dataset_.dimension(), name_of(dataset_.metric()), plan.m, plan.ef_construction)};
  }

  ballast::Time began_{ballast::Clock::now()};
  ballast::RunOptions options_;
  ballast::Session session_;
  KnnDataset dataset_;
  std::optional<double> build_seconds_;
  std::vector<KnnNumbers> numbers_;
  std::unique_ptr<ballast::Joiner> plot_;  // on the Main Node, if it was asked for
  ballast::ExitCode outcome_{ballast::ExitCode::solved};
};

int run_knn(KnnFlags const& flags, CommandLine const& line) {
  refuse_command(line);
  auto const options = flags.run.options(Result::file);
  check(flags);
  auto const efs = flags.sweep.empty() ? std::vector{flags.ef} : parse_sweep(flags.sweep);
  if (flags.run.print_config()) {
    if (ballast::Session::launched_rank() == 0) std::cout << config(flags).dump(2) << "\n";
    return 0;
  }
  Searches searches{flags, plan_of(flags), line, options};
  if (!searches.promise_plot(flags.plot)) return searches.exit_code();
  if (flags.index == "hnsw" && flags.plan.load_index.empty() && !searches.build()) return searches.exit_code();
  for (std::size_t i = 0; i < efs.size(); ++i) {
    auto const sequel = i + 1 < efs.size() ? ballast::Sequel::follows : ballast::Sequel::none;
    if (!searches.search(efs[i], sequel)) return searches.exit_code();
  }
  searches.print(flags);
  searches.draw();
  return searches.exit_code();
}

}  // namespace

Run add_knn(CLI::App& program) {
  auto* const subcommand = program.add_subcommand(
      "knn", "Nearest neighbours of many queries: ballast knn --base F --queries F -k 10 -o nn.ivecs");
  auto const flags = std::make_shared<KnnFlags>(*subcommand);
  add_knn_flags(*subcommand, *flags);
  subcommand->footer(
      "A batch of queries is a job; every node has the base, or its graph, before its first one. With --layout shard "
      "it has its pieces of the base, and a batch is a job for each piece. Neighbours are in order of (distance, id); "
      "where fewer than k are found the id is -1 and the distance inf. What is exact has the same "
      "bytes at any number of ranks, with any batch and after any failure; a graph is the same for the same base, "
      "parameters, --seed and processor generation.\nPrints name<TAB>value: queries_per_second, recall (of "
      "--truth), build_seconds (of the graph), and p50, p95 and p99 of the seconds that a batch took. With --sweep, "
      "build_seconds is in --json only. --run-dir keeps what was searched, not the graph: save it.");
  return [flags](CommandLine const& line) { return run_knn(*flags, line); };
}

}  // namespace app
