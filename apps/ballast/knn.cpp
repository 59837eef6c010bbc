// ballast knn: nearest neighbours of many queries, exact or by a graph, searched in batches on all computing nodes.
#include <algorithm>
#include <charconv>
#include <iostream>
#include <memory>
#include <nlohmann/json.hpp>

#include <ballast/ballast.hpp>
#include <ballast/search/result_format.hpp>

#include "knn_dataset.hpp"
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
  std::uint32_t shards{0};    // 0: as many as there are computing nodes
  std::uint32_t replicas{0};  // 0: one
  std::size_t m{16};
  std::size_t ef_construction{200};
  std::size_t ef{64};
  std::string sweep;
  bool json{false};
  bool of_graph{false};  // an option was given that only a graph has
};

std::vector<std::size_t> parse_sweep(std::string const& text) {
  ballast::UsageError const error{"--sweep " + text + " makes no sense", "", "give it as ef=16,32,64"};
  if (!text.starts_with("ef=")) throw error;
  std::vector<std::size_t> list;
  for (auto at = text.data() + 3, end = text.data() + text.size();;) {
    auto const [next, problem] = std::from_chars(at, end, list.emplace_back());
    if (problem != std::errc{} || list.back() == 0 || (next != end && *next != ',')) throw error;
    if (next == end) return list;
    at = next + 1;
  }
}

void check_sweep(Flags const& flags) {
  if (flags.sweep.empty()) return;
  if (!flags.plan.output.empty() || !flags.plan.distances.empty())
    throw ballast::UsageError{"a sweep has no result to write", "each of its searches finds other neighbours",
                              "leave out -o and --distances, or --sweep"};
  if (!flags.run.run_dir().empty())
    throw ballast::UsageError{"a sweep cannot be kept", "--run-dir holds one search", "leave out --run-dir or --sweep"};
}

void check(Flags const& flags) {
  if (flags.layout == "replicate" && (flags.shards > 0 || flags.replicas > 0))
    throw ballast::UsageError{"there are no shards", "with --layout replicate every node has the whole base",
                              "give --layout shard, or leave out --shards and --replicas"};
  if (flags.plan.queries.empty() && !flags.plan.base.ends_with(".hdf5") && !flags.plan.base.ends_with(".h5"))
    throw ballast::UsageError{"there are no queries", "only an .hdf5 names them along with its base",
                              "give --queries FILE"};
  if (flags.index == "exact" && flags.of_graph)
    throw ballast::UsageError{"the exact index has nothing to tune, to save or to load", "",
                              "leave out --m, --ef-construction, --ef, --sweep, --save-index and --load-index, or give "
                              "--index hnsw"};
  if (flags.plan.k == 0 || flags.ef == 0)
    throw ballast::UsageError{"no neighbours would be found", "", "give -k and --ef 1 or more"};
  check_sweep(flags);
}

/// A graph that is loaded says how the base was cut.
std::uint32_t shards_of(Flags const& flags, std::uint32_t nodes) {
  if (flags.layout == "replicate") return 1;
  if (flags.shards > 0) return flags.shards;
  auto const saved = flags.plan.load_index.empty() ? 0 : saved_shards(flags.plan.load_index);
  return saved > 0 ? saved : nodes;
}

KnnPlan plan_of(Flags const& flags) {
  auto plan = flags.plan;
  plan.replicas = std::max(flags.replicas, 1U);
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
                 {"shards", flags.shards},
                 {"replicas", flags.replicas},
                 {"batch", flags.plan.batch},
                 {"m", flags.m},
                 {"ef_construction", flags.ef_construction},
                 {"ef", flags.ef},
                 {"sweep", flags.sweep},
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
  Searches(Flags const& flags, KnnPlan plan, CommandLine const& line, ballast::RunOptions options)
      : options_{std::move(options)}, session_{line.argc, line.argv}, dataset_{cut(std::move(plan), flags)} {}

  /// False if the graph could not be built; the outcome says why.
  bool build() {
    KnnBuild problem{dataset_};
    auto const report = session_.run(problem, options_of_building(options_));
    outcome_ = report.outcome;
    build_seconds_ = std::chrono::duration<double>{report.makespan}.count();
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

  [[nodiscard]] int exit_code() const { return static_cast<int>(outcome_); }

 private:
  [[nodiscard]] KnnPlan cut(KnnPlan plan, Flags const& flags) const {
    plan.shards = shards_of(flags, std::max(session_.size(), 2U) - 1);
    return plan;
  }

  ballast::RunOptions options_;
  ballast::Session session_;
  KnnDataset dataset_;
  std::optional<double> build_seconds_;
  std::vector<KnnNumbers> numbers_;
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
  Searches searches{flags, plan_of(flags), line, options};
  if (flags.index == "hnsw" && flags.plan.load_index.empty() && !searches.build()) return searches.exit_code();
  for (auto const ef : efs)
    if (!searches.search(ef)) return searches.exit_code();
  searches.print(flags);
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

void add_search(CLI::App& subcommand, Flags& flags) {
  auto& plan = flags.plan;
  auto* const group = subcommand.add_option_group("Search", "What is found");
  auto const of_graph = [&flags](std::string const&) { flags.of_graph = true; };
  group->add_option("-k", plan.k, "Neighbours of each query")->required();
  group->add_option(
      "--metric", flags.metric,
      "l2 (squared, also called euclidean), ip (inner product) or cosine (1 - cos, also angular); default: "
      "as the .hdf5 says, else l2");
  group->add_option("--index", flags.index, "exact, or hnsw: a graph, approximate")
      ->check(CLI::IsMember({"exact", "hnsw"}))
      ->capture_default_str();
  group->add_option("--batch", plan.batch, "Queries of a job (default: a sixteenth of them, at most 1000)")
      ->check(CLI::PositiveNumber);
  group
      ->add_option(
          "--layout", flags.layout,
          "replicate: every node has the whole base; shard: each has pieces of it, and a batch is searched in all")
      ->check(CLI::IsMember({"replicate", "shard"}))
      ->capture_default_str();
  group->add_option("--shards", flags.shards, "Pieces of the base (default: one per computing node)")
      ->check(CLI::Range(1, 1 << 20));
  group
      ->add_option("--replicas", flags.replicas,
                   "Nodes that have a shard, the least busy of which searches (default: 1)")
      ->check(CLI::Range(1, 1 << 20));
  auto* const m = group->add_option("--m", flags.m, "hnsw: links of a vector")->capture_default_str()->each(of_graph);
  auto* const construction = group
                                 ->add_option("--ef-construction", flags.ef_construction,
                                              "hnsw: candidates looked at for each vector that is added")
                                 ->capture_default_str()
                                 ->each(of_graph);
  auto* const ef = group->add_option("--ef", flags.ef, "hnsw: candidates kept while searching; more find more")
                       ->capture_default_str()
                       ->each(of_graph);
  group->add_option("--sweep", flags.sweep, "hnsw: ef=16,32,64 prints a table of ef, recall and queries per second")
      ->excludes(ef)
      ->each(of_graph);
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
