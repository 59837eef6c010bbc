// ballast knn: nearest neighbours of many queries, exact or by a graph, searched in batches on all computing nodes.
#include <fmt/core.h>

#include <algorithm>
#include <charconv>
#include <cstdio>
#include <filesystem>
#include <iostream>
#include <memory>
#include <nlohmann/json.hpp>

#include <ballast/ballast.hpp>
#include <ballast/problem/file_joiner.hpp>
#include <ballast/search/result_format.hpp>

#include "knn_dataset.hpp"
#include "knn_plot.hpp"
#include "knn_problem.hpp"
#include "knn_report.hpp"
#include "run_flags.hpp"
#include "subcommand.hpp"

namespace app {
namespace {

struct Flags {
  explicit Flags(CLI::App& subcommand) : run{subcommand} {}

  RunFlags run;
  KnnPlan plan;
  std::string index{"exact"};
  std::string metric;
  std::string recall{"distance"};
  std::string layout{"replicate"};
  std::uint32_t replicas{0};
  std::size_t m{16};
  std::size_t ef_construction{200};
  std::size_t ef{64};
  std::string sweep;
  std::string plot;
  bool json{false};
  bool of_graph{false};  // an option was given that only a graph has
};

std::vector<std::size_t> parse_sweep(std::string const& text) {
  auto const refusal = [&text] {
    return ballast::UsageError{"--sweep " + text + " makes no sense", "", "give it as ef=16,32,64"};
  };
  if (!text.starts_with("ef=")) throw refusal();
  std::vector<std::size_t> list;
  for (auto at = text.data() + 3, end = text.data() + text.size();;) {
    auto const [next, problem] = std::from_chars(at, end, list.emplace_back());
    if (problem != std::errc{} || list.back() == 0 || (next != end && *next != ',')) throw refusal();
    if (next == end) return list;
    at = next + 1;
  }
}

void check_sweep(Flags const& flags) {
  if (!flags.plot.empty() && flags.sweep.empty())
    throw ballast::UsageError{"there is nothing to plot", "a picture shows the searches of a sweep",
                              "give --sweep ef=16,32,64, too, or leave out --plot"};
  if (flags.sweep.empty()) return;
  if (!flags.plan.output.empty() || !flags.plan.distances.empty())
    throw ballast::UsageError{"a sweep has no result to write", "each of its searches finds other neighbours",
                              "leave out -o and --distances, or --sweep"};
  if (!flags.run.run_dir().empty())
    throw ballast::UsageError{"a sweep cannot be kept", "--run-dir holds one search", "leave out --run-dir or --sweep"};
}

bool is_text(std::string const& path) { return path.ends_with(".tsv") || path.ends_with(".txt"); }

void check(Flags const& flags) {
  if (flags.layout == "shard" || flags.replicas > 0)
    throw ballast::UsageError{"there are no shards yet", "--layout shard and --replicas are not built yet",
                              "use --layout replicate: every node has the whole base"};
  if (flags.plan.queries.empty() && !flags.plan.base.ends_with(".hdf5") && !flags.plan.base.ends_with(".h5"))
    throw ballast::UsageError{"there are no queries", "only an .hdf5 names them along with its base",
                              "give --queries FILE"};
  if (!flags.plan.columns.empty() && !is_text(flags.plan.base) && !is_text(flags.plan.queries))
    throw ballast::UsageError{"there are no columns to choose", "only .tsv and .txt have some", "leave out --columns"};
  if (flags.index == "exact" && flags.of_graph)
    throw ballast::UsageError{"the exact index has nothing to tune, to save or to load", "",
                              "leave out --m, --ef-construction, --ef, --sweep, --save-index and --load-index, or give "
                              "--index hnsw"};
  check_sweep(flags);
}

KnnPlan plan_of(Flags const& flags) {
  auto plan = flags.plan;
  if (!flags.metric.empty()) plan.metric = ballast::parse_metric(flags.metric);
  plan.index = flags.index == "hnsw" ? KnnIndex::hnsw : KnnIndex::exact;
  plan.m = flags.m;
  plan.ef_construction = flags.ef_construction;
  plan.seed = static_cast<std::uint32_t>(flags.run.seed());
  plan.recall = flags.recall == "ids" ? RecallBy::ids : RecallBy::distance;
  if (!plan.output.empty()) static_cast<void>(ballast::ResultFormat{plan.output, ballast::ResultPart::ids});
  if (!plan.distances.empty()) static_cast<void>(ballast::ResultFormat{plan.distances, ballast::ResultPart::distances});
  return plan;
}

nlohmann::ordered_json config(Flags const& flags) {
  auto config = flags.run.config();
  config.update({{"base", flags.plan.base},
                 {"queries", flags.plan.queries},
                 {"k", flags.plan.k},
                 {"output", flags.plan.output},
                 {"distances", flags.plan.distances},
                 {"truth", flags.plan.truth},
                 {"recall", flags.recall},
                 {"columns", flags.plan.columns},
                 {"metric", flags.metric},
                 {"index", flags.index},
                 {"layout", flags.layout},
                 {"batch", flags.plan.batch},
                 {"m", flags.m},
                 {"ef_construction", flags.ef_construction},
                 {"ef", flags.ef},
                 {"sweep", flags.sweep},
                 {"plot", flags.plot},
                 {"save_index", flags.plan.save_index},
                 {"load_index", flags.plan.load_index},
                 {"json", flags.json}});
  return config;
}

/// Building is one job, which is made once, takes the time that it takes, and is not kept.
ballast::RunOptions options_of_building(ballast::RunOptions options) {
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
  Searches(Flags const& flags, CommandLine const& line, ballast::RunOptions options)
      : dataset_{plan_of(flags)}, options_{std::move(options)}, session_{line.argc, line.argv} {}

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
    outcome_ = session_.run(problem, options_of_building(options_)).outcome;
    build_seconds_ = std::chrono::duration<double>{problem.runtime()}.count();
    return outcome_ == ballast::ExitCode::solved;
  }

  /// False if there are no numbers; the outcome says why.
  bool search(std::size_t ef) {
    KnnTally tally;
    KnnSearch problem{dataset_, tally, ef};
    auto const report = session_.run(problem, options_);
    if (report.outcome != ballast::ExitCode::solved) outcome_ = report.outcome;
    if (has_ended(report)) numbers_.push_back(numbers_of(tally, ef, report.makespan));
    return has_ended(report);
  }

  void print(Flags const& flags) const {
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
  [[nodiscard]] KnnPlotWords words() const {
    auto const& plan = dataset_.plan();
    return {
        fmt::format("{}, k = {}", std::filesystem::path{plan.base}.filename().string(), plan.k),
        fmt::format("{} queries of {} components by {}; hnsw with m = {}, ef-construction = {}", dataset_.query_count(),
                    dataset_.dimension(), name_of(dataset_.metric()), plan.m, plan.ef_construction)};
  }

  KnnDataset dataset_;
  ballast::RunOptions options_;
  ballast::Session session_;
  std::optional<double> build_seconds_;
  std::vector<KnnNumbers> numbers_;
  std::unique_ptr<ballast::Joiner> plot_;  // on the Main Node, if it was asked for
  ballast::ExitCode outcome_{ballast::ExitCode::solved};
};

int run_knn(Flags const& flags, CommandLine const& line) {
  auto const options = flags.run.options(Result::file);
  check(flags);
  auto const efs = flags.sweep.empty() ? std::vector{flags.ef} : parse_sweep(flags.sweep);
  if (flags.run.print_config()) {
    if (ballast::Session::launched_rank() == 0) std::cout << config(flags).dump(2) << "\n";
    return 0;
  }
  Searches searches{flags, line, options};
  if (!searches.promise_plot(flags.plot)) return searches.exit_code();
  if (flags.index == "hnsw" && flags.plan.load_index.empty() && !searches.build()) return searches.exit_code();
  for (auto const ef : efs)
    if (!searches.search(ef)) return searches.exit_code();
  searches.print(flags);
  searches.draw();
  return searches.exit_code();
}

void add_files(CLI::App& subcommand, Flags& flags) {
  auto& plan = flags.plan;
  auto* const group = subcommand.add_option_group("Files", "Read and written on rank 0 only");
  group
      ->add_option("--base", plan.base,
                   "Vectors to search: .fvecs .bvecs .ivecs .npy .tsv .txt, or .hdf5 as of ann-benchmarks, which names "
                   "queries, truth and metric, too")
      ->required();
  group->add_option("--queries", plan.queries, "Vectors whose neighbours are wanted");
  group->add_option("--columns", plan.columns, "Of .tsv and .txt, from 1: 1-128");
  group->add_option("-o,--output", plan.output,
                    "Write the ids of the neighbours, from 0: .ivecs .npy .tsv .txt; the file is whole or absent");
  group->add_option("--distances", plan.distances, "Write their distances: .fvecs .npy .tsv .txt");
  group->add_option("--truth", plan.truth, "Ids of the true neighbours, nearest first: prints the recall");
  group
      ->add_option("--recall", flags.recall,
                   "What counts as found: what is no farther than the k-th true neighbour, or the same ids")
      ->check(CLI::IsMember({"distance", "ids"}))
      ->capture_default_str();
  group->add_flag("--json", flags.json, "Print the numbers as one JSON object");
}

/// CLI11 would take -1 for a large number, and tell the range of 0 in 300 digits.
CLI::Validator at_least_one() {
  return {[](std::string& word) {
            auto const is_count = !word.empty() && word.find_first_not_of("0123456789") == std::string::npos;
            return is_count && word.find_first_not_of('0') != std::string::npos
                       ? std::string{}
                       : word + " is no whole number of 1 or more";
          },
          "POSITIVE"};
}

void add_search(CLI::App& subcommand, Flags& flags) {
  auto& plan = flags.plan;
  auto* const group = subcommand.add_option_group("Search", "What is found");
  auto const of_graph = [&flags](std::string const&) { flags.of_graph = true; };
  group->add_option("-k", plan.k, "Neighbours of each query")->required()->check(at_least_one());
  group->add_option(
      "--metric", flags.metric,
      "l2 (squared, also called euclidean), ip (inner product) or cosine (1 - cos, also angular); default: "
      "as the .hdf5 says, else l2");
  group->add_option("--index", flags.index, "exact, or hnsw: a graph, approximate")
      ->check(CLI::IsMember({"exact", "hnsw"}))
      ->capture_default_str();
  group->add_option("--batch", plan.batch, "Queries of a job (default: a sixteenth of them, at most 1000)")
      ->check(at_least_one());
  group->add_option("--layout", flags.layout, "replicate: every node has the whole base; shard is not built yet")
      ->check(CLI::IsMember({"replicate", "shard"}))
      ->capture_default_str();
  group->add_option("--replicas", flags.replicas, "Of shards; not built yet");
  auto* const m = group->add_option("--m", flags.m, "hnsw: links of a vector")
                      ->capture_default_str()
                      ->check(at_least_one())
                      ->each(of_graph);
  auto* const construction = group
                                 ->add_option("--ef-construction", flags.ef_construction,
                                              "hnsw: candidates looked at for each vector that is added")
                                 ->capture_default_str()
                                 ->check(at_least_one())
                                 ->each(of_graph);
  auto* const ef = group->add_option("--ef", flags.ef, "hnsw: candidates kept while searching; more find more")
                       ->capture_default_str()
                       ->check(at_least_one())
                       ->each(of_graph);
  group->add_option("--sweep", flags.sweep, "hnsw: ef=16,32,64 prints a table of ef, recall and queries per second")
      ->excludes(ef)
      ->each(of_graph);
  group->add_option("--plot", flags.plot,
                    "Of --sweep and --truth: draw queries per second over recall there, as SVG; the file is whole or "
                    "absent");
  auto* const load = group->add_option("--load-index", plan.load_index, "hnsw: the graph that was saved in this folder")
                         ->excludes(m)
                         ->excludes(construction)
                         ->each(of_graph);
  group->add_option("--save-index", plan.save_index, "hnsw: save the graph in this folder")
      ->excludes(load)
      ->each(of_graph);
}

}  // namespace

Run add_knn(CLI::App& program) {
  auto* const subcommand = program.add_subcommand(
      "knn", "Nearest neighbours of many queries: ballast knn --base F --queries F -k 10 -o nn.ivecs");
  auto const flags = std::make_shared<Flags>(*subcommand);
  add_files(*subcommand, *flags);
  add_search(*subcommand, *flags);
  subcommand->footer(
      "A batch of queries is a job; every node has the base, or its graph, before its first one. Neighbours are in "
      "order "
      "of (distance, id); where fewer than k are found the id is -1 and the distance inf. What is exact has the same "
      "bytes at any number of ranks, with any batch and after any failure; a graph is the same for the same base, "
      "parameters, --seed and processor generation.\nPrints name<TAB>value: queries_per_second, recall (of "
      "--truth), build_seconds (of the graph), and p50, p95 and p99 of the seconds that a batch took. With --sweep, "
      "build_seconds is in --json only. --run-dir keeps what was searched, not the graph: save it.");
  return [flags](CommandLine const& line) { return run_knn(*flags, line); };
}

}  // namespace app
