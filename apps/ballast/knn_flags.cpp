// Options that contradict each other are refused before any rank is joined.
#include "knn_flags.hpp"

#include <algorithm>
#include <charconv>

#include <ballast/core/error.hpp>
#include <ballast/search/hnsw_index.hpp>
#include <ballast/search/result_format.hpp>

#include "quantities.hpp"

namespace app {
namespace {

void check_sweep(KnnFlags const& flags) {
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

void add_files(CLI::App& subcommand, KnnFlags& flags) {
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

void add_search(CLI::App& subcommand, KnnFlags& flags) {
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
  using Parameters = ballast::HnswParameters;
  auto* const m = group->add_option("--m", flags.m, "hnsw: links of a vector")
                      ->capture_default_str()
                      ->check(CLI::Range(Parameters::least_m, Parameters::most_m))
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

void add_knn_flags(CLI::App& subcommand, KnnFlags& flags) {
  add_files(subcommand, flags);
  add_search(subcommand, flags);
}

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

void check(KnnFlags const& flags) {
  if (flags.layout == "replicate" && (flags.shards > 0 || flags.replicas > 0))
    throw ballast::UsageError{"there are no shards", "with --layout replicate every node has the whole base",
                              "give --layout shard, or leave out --shards and --replicas"};
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

std::uint32_t shards_of(KnnFlags const& flags, std::uint32_t nodes) {
  if (flags.layout == "replicate") return 1;
  if (flags.shards > 0) return flags.shards;
  auto const saved = flags.plan.load_index.empty() ? 0 : saved_shards(flags.plan.load_index);
  return saved > 0 ? saved : nodes;
}

KnnPlan plan_of(KnnFlags const& flags) {
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

nlohmann::ordered_json config(KnnFlags const& flags) {
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
                 {"plot", flags.plot},
                 {"save_index", flags.plan.save_index},
                 {"load_index", flags.plan.load_index},
                 {"json", flags.json}});
  return config;
}
}  // namespace app
