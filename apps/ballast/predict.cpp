// ballast predict: what a trained model says about rows, in batches on all computing nodes.
#include <iostream>
#include <memory>
#include <nlohmann/json.hpp>

#include <ballast/ballast.hpp>

#include "predict_problem.hpp"
#include "run_flags.hpp"
#include "subcommand.hpp"

namespace app {
namespace {

struct Flags {
  explicit Flags(CLI::App& subcommand) : run{subcommand} {}

  RunFlags run;
  PredictPlan plan;
  std::size_t label_column{0};
};

PredictPlan plan_of(Flags const& flags) {
  auto plan = flags.plan;
  if (plan.csv.empty() == plan.images.empty())
    throw ballast::UsageError{plan.csv.empty() ? "there is nothing to predict" : "there are two datasets", "",
                              "give --images or --csv"};
  if (plan.csv.empty() && (plan.header || flags.label_column > 0))
    throw ballast::UsageError{"IDX files have no columns", "", "leave out --header and --label-column"};
  if (flags.label_column > 0) plan.label_column = flags.label_column;
  return plan;
}

nlohmann::ordered_json config(Flags const& flags) {
  auto const& plan = flags.plan;
  auto config = flags.run.config();
  config.update({{"load", plan.load},
                 {"images", plan.images},
                 {"csv", plan.csv},
                 {"header", plan.header},
                 {"label_column", flags.label_column},
                 {"batch", plan.batch},
                 {"output", plan.output}});
  return config;
}

int run_predict(Flags const& flags, CommandLine const& line) {
  auto const options = flags.run.options(flags.plan.output.empty() ? Result::standard_output : Result::file);
  auto const plan = plan_of(flags);
  if (flags.run.print_config()) {
    if (ballast::Session::launched_rank() == 0) std::cout << config(flags).dump(2) << "\n";
    return 0;
  }
  ballast::Session session{line.argc, line.argv};
  Predict problem{plan};
  return session.run(problem, options).exit_code();
}

}  // namespace

Run add_predict(CLI::App& program) {
  auto* const subcommand = program.add_subcommand(
      "predict", "The classes of rows by a trained model: ballast predict --load model.npz --images X -o labels.txt");
  auto const flags = std::make_shared<Flags>(*subcommand);
  auto& plan = flags->plan;
  subcommand->add_option("--load", plan.load, "The model, as `ballast train --save` writes it")->required();
  subcommand->add_option("--images", plan.images, "Rows: IDX of bytes, plain or .gz");
  subcommand->add_option("--csv", plan.csv, "Instead: rows of numbers between commas, with or without their labels");
  subcommand->add_flag("--header", plan.header, "The first line of --csv names its columns");
  subcommand
      ->add_option("--label-column", flags->label_column,
                   "Column of --csv that is left out, from 1, if it has one more than the model has inputs (default: "
                   "the last)")
      ->check(CLI::PositiveNumber);
  subcommand->add_option("--batch", plan.batch, "Rows of a job")->check(CLI::PositiveNumber)->capture_default_str();
  subcommand->add_option("-o,--output", plan.output, "Write the labels there; the file is whole or absent");
  subcommand->footer(
      "A batch of rows is a job; every node has the model before its first one. Prints a label per line, in the order "
      "of the rows; the lines of a batch that was given up are empty.");
  return [flags](CommandLine const& line) { return run_predict(*flags, line); };
}

}  // namespace app
