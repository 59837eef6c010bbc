// ballast train: a network trained by averaging over shards, in rounds; each round is a run of the session.
#include <fmt/core.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <iostream>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <system_error>

#include <ballast/ballast.hpp>

#include "run_flags.hpp"
#include "subcommand.hpp"
#include "train_course.hpp"
#include "train_problem.hpp"

namespace app {
namespace {

struct Flags {
  explicit Flags(CLI::App& subcommand) : run{subcommand} {}

  RunFlags run;
  TrainPlan plan;
  std::uint32_t hidden{128};
  CLI::Option* hidden_option{};
  std::size_t label_column{0};
  std::string average{"samples"};
  std::string sync{"model"};
  std::string shard_files;
};

void check_files(TrainPlan const& plan) {
  if (plan.csv.empty() == plan.images.empty())
    throw ballast::UsageError{plan.csv.empty() ? "there is nothing to train with" : "there are two datasets", "",
                              "give --images and --labels, or --csv"};
  if (plan.images.empty() != plan.labels.empty() || plan.test_images.empty() != plan.test_labels.empty())
    throw ballast::UsageError{"images and labels come together", "one of them is missing",
                              "give --images with --labels, and --test-images with --test-labels"};
  if (plan.csv.empty() && (plan.header || plan.label_column))
    throw ballast::UsageError{"IDX files have no columns", "", "leave out --header and --label-column"};
}

void check(Flags const& flags, TrainPlan const& plan) {
  if (!flags.shard_files.empty())
    throw ballast::UsageError{"nodes cannot have shards of their own yet", "--shard-files is not built yet",
                              "give --images and --labels, or --csv; the Main Node divides them"};
  check_files(plan);
  if (!plan.test_images.empty() && (plan.test_every > 0 || !plan.csv.empty()))
    throw ballast::UsageError{"there are two kinds of test rows", "",
                              "give --test-every, or --test-images and --test-labels with --images"};
  if (plan.test_every == 1)
    throw ballast::UsageError{"no row is left to train with", "--test-every 1 takes all of them",
                              "give --test-every 2 or more"};
  if (!(plan.options.learning_rate > 0))
    throw ballast::UsageError{fmt::format("--learning-rate {} teaches nothing", plan.options.learning_rate), "",
                              "give a number above 0"};
}

TrainPlan plan_of(Flags const& flags) {
  auto plan = flags.plan;
  if (flags.label_column > 0) plan.label_column = flags.label_column;
  if (flags.hidden_option->count() > 0) plan.hidden = flags.hidden;
  plan.average = flags.average == "uniform" ? ShardAverage::uniform : ShardAverage::samples;
  plan.sync = flags.sync == "gradient" ? TrainSync::gradient : TrainSync::model;
  plan.seed = flags.run.seed();
  plan.run_dir = flags.run.run_dir();
  plan.resume = flags.run.resume();
  return plan;
}

nlohmann::ordered_json config(Flags const& flags) {
  auto const& plan = flags.plan;
  auto config = flags.run.config();
  config.update({{"images", plan.images},
                 {"labels", plan.labels},
                 {"test_images", plan.test_images},
                 {"test_labels", plan.test_labels},
                 {"csv", plan.csv},
                 {"header", plan.header},
                 {"label_column", flags.label_column},
                 {"test_every", plan.test_every},
                 {"hidden", flags.hidden},
                 {"rounds", plan.rounds},
                 {"local_epochs", plan.options.epochs},
                 {"batch", plan.options.batch},
                 {"learning_rate", plan.options.learning_rate},
                 {"shards", plan.shards},
                 {"average", flags.average},
                 {"sync", flags.sync},
                 {"save", plan.save},
                 {"load", plan.load}});
  return config;
}

/// The rounds of one command, in one session: the dataset travels once.
class Rounds {
 public:
  Rounds(TrainPlan plan, CommandLine const& line, ballast::RunOptions options)
      : plan_{std::move(plan)}, options_{std::move(options)}, session_{line.argc, line.argv} {}

  int run() {
    if (auto const error = open()) return session_.refuse(*error).exit_code();
    for (std::uint32_t round = 1; round <= plan_.rounds; ++round)
      if (auto const code = run(round); code != 0) return code;
    return 0;
  }

 private:
  /// What does not fit is an error of the Main Node's; the others learn of it in the first run.
  std::optional<ballast::Error> open() {
    if (!session_.is_main()) return {};
    try {
      course_.open();
      if (std::error_code ignored; !options_.record.empty())
        std::filesystem::create_directories(options_.record, ignored);  // the recorder says what is wrong
    } catch (ballast::Error const& error) {
      return error;
    }
    if (auto const done = course_.rounds_done(); done > 0 && options_.verbosity != ballast::Verbosity::quiet)
      fmt::print(stderr, "ballast: {} round{} of {} {} done; the table goes on behind\n", done, done == 1 ? "" : "s",
                 plan_.run_dir, done == 1 ? "is" : "are");
    fmt::print("round\tloss\taccuracy\tseconds\n");
    std::fflush(stdout);
    return {};
  }

  int run(std::uint32_t round) {
    auto const began = ballast::Clock::now();
    bool const is_new = round > course_.rounds_done();
    problem_.begin(round);
    auto const code = session_.run(problem_, options_of(round)).exit_code();
    if (session_.is_main() && is_new && code == 0) {
      auto const& numbers = course_.numbers();
      fmt::print("{}\t{:.6f}\t{:.6f}\t{:.3f}\n", round, numbers.loss, numbers.accuracy,
                 std::chrono::duration<double>{ballast::Clock::now() - began}.count());
      std::fflush(stdout);
    }
    return code;
  }

  /// A round has its own folders, and what is left of the time. One that was done before has nothing to keep.
  [[nodiscard]] ballast::RunOptions options_of(std::uint32_t round) const {
    auto options = options_;
    if (options.run_limit)
      options.run_limit = std::max<ballast::Duration>(*options.run_limit - (ballast::Clock::now() - began_),
                                                      std::chrono::milliseconds{1});
    bool const is_new = round > course_.rounds_done();
    for (auto* const folder : {&options.record, &options.run_dir})
      if (!folder->empty()) *folder = is_new ? round_folder(*folder, round) : std::string{};
    return options;
  }

  TrainPlan plan_;
  ballast::RunOptions options_;
  TrainCourse course_{plan_};
  TrainRound problem_{plan_, course_};
  ballast::Time began_{ballast::Clock::now()};
  ballast::Session session_;
};

int run_train(Flags const& flags, CommandLine const& line) {
  auto const options = flags.run.options(Result::file);
  auto const plan = plan_of(flags);
  check(flags, plan);
  if (options.halt)
    throw ballast::UsageError{"a training cannot be halted by a count of jobs", "a round needs all its shards",
                              "leave out --halt, or give fewer --rounds"};
  if (flags.run.print_config()) {
    if (ballast::Session::launched_rank() == 0) std::cout << config(flags).dump(2) << "\n";
    return 0;
  }
  return Rounds{plan, line, options}.run();
}

void add_files(CLI::App& subcommand, Flags& flags) {
  auto& plan = flags.plan;
  auto* const group = subcommand.add_option_group("Files", "Read and written on rank 0 only");
  group->add_option("--images", plan.images, "Rows to train with: IDX of bytes, as MNIST comes, plain or .gz");
  group->add_option("--labels", plan.labels, "Their classes: IDX, plain or .gz");
  group->add_option("--csv", plan.csv, "Instead: rows of numbers between commas, one of them the class");
  group->add_flag("--header", plan.header, "The first line of --csv names its columns");
  group->add_option("--label-column", flags.label_column, "Column of the class, from 1 (default: the last)")
      ->check(CLI::PositiveNumber);
  group->add_option("--test-images", plan.test_images, "Rows to test with, IDX");
  group->add_option("--test-labels", plan.test_labels, "Their classes");
  group
      ->add_option("--test-every", plan.test_every,
                   "Test with row i if i is a multiple of N (from 0), train with the others")
      ->check(CLI::PositiveNumber);
  group->add_option("--shard-files", flags.shard_files, "Shards that stay with their nodes; not built yet");
  group->add_option("--save", plan.save, "Write the model there, .npz: W0 b0 W1 b1 mean scale classes");
  group->add_option("--load", plan.load, "Begin with this model, and its normalisation");
}

void add_training(CLI::App& subcommand, Flags& flags) {
  auto& plan = flags.plan;
  auto* const group = subcommand.add_option_group("Training", "What decides the model, together with --seed");
  flags.hidden_option = group->add_option("--hidden", flags.hidden, "Units of the hidden layer")
                            ->check(CLI::PositiveNumber)
                            ->capture_default_str();
  group->add_option("--rounds", plan.rounds, "Times that the shards' models are averaged")
      ->check(CLI::PositiveNumber)
      ->capture_default_str();
  group->add_option("--local-epochs", plan.options.epochs, "Times that a shard is gone through in a round")
      ->check(CLI::PositiveNumber)
      ->capture_default_str();
  group->add_option("--batch", plan.options.batch, "Rows of a step")->check(CLI::PositiveNumber)->capture_default_str();
  group->add_option("--learning-rate", plan.options.learning_rate, "Of Adam")->default_str("0.001");
  group->add_option("--shards", plan.shards, "Parts of the rows, in their order; each is a job of every round")
      ->check(CLI::PositiveNumber)
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
}

}  // namespace

Run add_train(CLI::App& program) {
  auto* const subcommand = program.add_subcommand(
      "train", "A classifier trained in rounds: ballast train --images X --labels Y --rounds 10 --save model.npz");
  auto const flags = std::make_shared<Flags>(*subcommand);
  add_files(*subcommand, *flags);
  add_training(*subcommand, *flags);
  subcommand->footer(
      "A network with one hidden layer (ReLU, softmax, Adam). In each round every shard is a job: it goes on from the "
      "model of the round before, and the joint result is the average of weights and moments. The same rows, --shards "
      "and --seed give the same bytes at any number of ranks, with any policy and after any failure, at the same "
      "instruction level. Shards are runs of rows: shuffle a file that is sorted by its classes.\n"
      "Prints a table: round, loss (mean over the training rows, before averaging), accuracy (of the test rows, else "
      "nan), seconds. --run-dir keeps every round: --resume goes on behind the last whole one, with more --rounds, "
      "too. "
      "A shard that is given up, or whose numbers are no finite ones any more, ends the training with exit code 4.");
  return [flags](CommandLine const& line) { return run_train(*flags, line); };
}

}  // namespace app
