// ballast train: a network trained by averaging over shards, in rounds; each round is a run of the session.
#include <fmt/core.h>

#include <iostream>
#include <memory>
#include <nlohmann/json.hpp>

#include <ballast/ballast.hpp>

#include "learn_flags.hpp"
#include "quantities.hpp"
#include "run_flags.hpp"
#include "subcommand.hpp"
#include "train_plan.hpp"
#include "train_rounds.hpp"

namespace app {
namespace {

struct Flags {
  explicit Flags(CLI::App& subcommand)
      : run{subcommand},
        files{subcommand.add_option_group("Files", "Read and written on rank 0 only, but for --shard-files")},
        learn{*files, "Rows to train with: IDX of bytes, as MNIST comes, plain or .gz",
              "Column of the class, from 1 (default: the last)"} {}

  RunFlags run;
  CLI::App* files;
  LearnFlags learn;
  TrainPlan plan;
  std::uint32_t hidden{128};
  CLI::Option* hidden_option{};
  CLI::Option* shards_option{};
  std::string average{"samples"};
  std::string sync{"model"};
};

void check_rows(TrainPlan const& plan) {
  auto const& source = plan.source;
  auto const kinds = !source.csv.empty() + !source.images.empty() + plan.shards_stay();
  if (kinds != 1)
    throw ballast::UsageError{kinds == 0 ? "there is nothing to train with" : "there are two datasets", "",
                              "give --images and --labels, or --csv, or --shard-files"};
  if (source.images.empty() != plan.labels.empty() || plan.test_images.empty() != plan.test_labels.empty())
    throw ballast::UsageError{"images and labels come together", "one of them is missing",
                              "give --images with --labels, and --test-images with --test-labels"};
  if (!source.images.empty() && (source.header || source.label_column))
    throw ballast::UsageError{"IDX files have no columns", "", "leave out --header and --label-column"};
}

void check_test(TrainPlan const& plan) {
  auto const kinds = (plan.test_every > 0) + !plan.test_images.empty() + !plan.test_csv.empty();
  bool const mixed = (!plan.test_images.empty() && !plan.source.csv.empty()) ||
                     (!plan.test_csv.empty() && !plan.source.images.empty());
  if (kinds > 1 || mixed)
    throw ballast::UsageError{"there are two kinds of test rows", "",
                              "give --test-every, or --test-images and --test-labels with --images, or --test-csv with "
                              "--csv"};
  if (plan.test_every > 0 && plan.shards_stay())
    throw ballast::UsageError{"the Main Node has no rows to test with", "the shards stay with their nodes",
                              "give --test-csv, or --test-images and --test-labels"};
  if (plan.test_every == 1)
    throw ballast::UsageError{"no row is left to train with", "--test-every 1 takes all of them",
                              "give --test-every 2 or more"};
}

void check(TrainPlan const& plan) {
  check_rows(plan);
  check_test(plan);
  if (!(plan.options.learning_rate > 0))
    throw ballast::UsageError{fmt::format("--learning-rate {} teaches nothing", plan.options.learning_rate), "",
                              "give a number above 0"};
  if (plan.shards_stay() && plan.shards != plan.shard_files.size())
    throw ballast::UsageError{fmt::format("{} files do not make {} shards", plan.shard_files.size(), plan.shards), "",
                              "leave out --shards"};
}

TrainPlan plan_of(Flags const& flags) {
  auto plan = flags.plan;
  plan.source = flags.learn.source();
  plan.level = flags.learn.level();
  if (flags.hidden_option->count() > 0) plan.hidden = flags.hidden;
  if (plan.shards_stay() && flags.shards_option->count() == 0)
    plan.shards = static_cast<std::uint32_t>(plan.shard_files.size());
  plan.average = flags.average == "uniform" ? ShardAverage::uniform : ShardAverage::samples;
  plan.sync = flags.sync == "gradient" ? TrainSync::gradient : TrainSync::model;
  plan.seed = flags.run.seed();
  plan.run_dir = flags.run.run_dir();
  plan.resume = flags.run.resume();
  return plan;
}

nlohmann::ordered_json config(Flags const& flags, TrainPlan const& plan) {
  auto config = flags.run.config();
  flags.learn.describe(config);
  config.update({{"labels", plan.labels},
                 {"shard_files", plan.shard_files},
                 {"test_images", plan.test_images},
                 {"test_labels", plan.test_labels},
                 {"test_csv", plan.test_csv},
                 {"test_every", plan.test_every},
                 {"hidden", flags.hidden},
                 {"rounds", plan.rounds},
                 {"local_epochs", plan.options.epochs},
                 {"local_steps", plan.options.steps},
                 {"batch", plan.options.batch},
                 {"learning_rate", plan.options.learning_rate},
                 {"shards", plan.shards},
                 {"average", flags.average},
                 {"sync", flags.sync},
                 {"save", plan.save},
                 {"load", plan.load}});
  return config;
}

int run_train(Flags const& flags, CommandLine const& line) {
  refuse_command(line);
  auto const options = flags.run.options(Result::file);
  auto plan = plan_of(flags);
  plan.record = options.record;
  check(plan);
  if (options.halt)
    throw ballast::UsageError{"a training cannot be halted by a count of jobs", "a round needs all its shards",
                              "leave out --halt, or give fewer --rounds"};
  if (flags.run.print_config()) {
    if (ballast::Session::launched_rank() == 0) std::cout << config(flags, plan).dump(2) << "\n";
    return 0;
  }
  return TrainRounds{std::move(plan), line, options}.run();
}

void add_files(Flags& flags) {
  auto& plan = flags.plan;
  auto& files = *flags.files;
  files.add_option("--labels", plan.labels, "The classes of --images: IDX, plain or .gz");
  files.add_option("--shard-files", plan.shard_files,
                   "Instead: a file for each shard, which the node that computes it reads and keeps: a table as --csv, "
                   "or IMAGES,LABELS; --test-csv or --test-images is what the Main Node tests with");
  files.add_option("--test-images", plan.test_images, "Rows to test with, IDX");
  files.add_option("--test-labels", plan.test_labels, "Their classes");
  files.add_option("--test-csv", plan.test_csv, "Rows to test with: a table like those trained with");
  files
      .add_option("--test-every", plan.test_every,
                  "Test with row i if i is a multiple of N (from 0), train with the others")
      ->check(at_least_one());
  files.add_option("--save", plan.save,
                   "Write the model there, .npz: W0 b0 W1 b1 mean scale classes; the file is whole or absent");
  files.add_option("--load", plan.load, "Begin with this model, and its normalisation");
}

void add_training(CLI::App& subcommand, Flags& flags) {
  auto& plan = flags.plan;
  auto* const group = subcommand.add_option_group("Training", "What decides the model, together with --seed");
  flags.hidden_option = group->add_option("--hidden", flags.hidden, "Units of the hidden layer")
                            ->check(at_least_one())
                            ->capture_default_str();
  group->add_option("--rounds", plan.rounds, "Times that the shards' models are averaged")
      ->check(at_least_one())
      ->capture_default_str();
  group->add_option("--local-epochs", plan.options.epochs, "Times that a shard is gone through in a round")
      ->check(at_least_one())
      ->capture_default_str();
  group
      ->add_option("--local-steps", plan.options.steps,
                   "Instead: batches of a round, which go on where the round before ended: few of them average often")
      ->check(at_least_one())
      ->excludes("--local-epochs");
  group->add_option("--batch", plan.options.batch, "Rows of a step")->check(at_least_one())->capture_default_str();
  group->add_option("--learning-rate", plan.options.learning_rate, "Of Adam")->default_str("0.001");
  flags.shards_option =
      group->add_option("--shards", plan.shards, "Parts of the rows, in their order; each is a job of every round")
          ->check(at_least_one())
          ->capture_default_str();
  group->add_option("--average", flags.average, "samples: a shard counts as much as it has rows; uniform: all the same")
      ->check(CLI::IsMember({"samples", "uniform"}))
      ->capture_default_str();
  group
      ->add_option("--sync", flags.sync,
                   "model: shards make their own steps and are averaged; gradient: their gradients are summed for one "
                   "step a round")
      ->check(CLI::IsMember({"model", "gradient"}))
      ->capture_default_str();
  flags.learn.add_level(*group);
}

}  // namespace

Run add_train(CLI::App& program) {
  auto* const subcommand = program.add_subcommand(
      "train", "A classifier trained in rounds: ballast train --images X --labels Y --rounds 10 --save model.npz");
  auto const flags = std::make_shared<Flags>(*subcommand);
  add_files(*flags);
  add_training(*subcommand, *flags);
  subcommand->footer(
      "A network with one hidden layer (ReLU, softmax, Adam). In each round every shard is a job: it goes on from the "
      "model of the round before, and the joint result is the average of weights and moments. The same rows, --shards "
      "and --seed give the same bytes at any number of ranks, with any policy and after any failure, at the same "
      "instruction level. Shards are runs of rows: shuffle a file that is sorted by its classes.\n"
      "Prints a table: round, loss (mean over the training rows, before averaging), accuracy (of the test rows, else "
      "nan), seconds. --run-dir keeps the model after every round, and rounds.tsv, where the bytes that the Main Node "
      "sent and received are, too: --resume goes on behind the last round, with more --rounds if you like. "
      "A shard that is given up, or whose numbers are no finite ones any more, ends the training with exit code 4.");
  return [flags](CommandLine const& line) { return run_train(*flags, line); };
}

}  // namespace app
