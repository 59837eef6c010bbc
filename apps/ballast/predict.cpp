// ballast predict: what a trained model says about rows, in batches on all computing nodes.
#include <iostream>
#include <memory>
#include <nlohmann/json.hpp>

#include <ballast/ballast.hpp>

#include "predict_problem.hpp"
#include "quantities.hpp"
#include "run_flags.hpp"
#include "subcommand.hpp"

namespace app {
namespace {

struct Flags {
  explicit Flags(CLI::App& subcommand)
      : run{subcommand},
        learn{subcommand, "Rows: IDX of bytes, plain or .gz",
              "Column of --csv that is left out, from 1, if it has one more than the model has inputs (default: the "
              "last)"} {
    learn.add_level(subcommand);
  }

  RunFlags run;
  LearnFlags learn;
  PredictPlan plan;
};

PredictPlan plan_of(Flags const& flags) {
  auto plan = flags.plan;
  plan.source = flags.learn.source();
  plan.level = flags.learn.level();
  auto const& source = plan.source;
  if (source.csv.empty() == source.images.empty())
    throw ballast::UsageError{source.csv.empty() ? "there is nothing to predict" : "there are two datasets", "",
                              "give --images or --csv"};
  if (source.csv.empty() && (source.header || source.label_column))
    throw ballast::UsageError{"IDX files have no columns", "", "leave out --header and --label-column"};
  return plan;
}

nlohmann::ordered_json config(Flags const& flags) {
  auto const& plan = flags.plan;
  auto config = flags.run.config();
  flags.learn.describe(config);
  config.update({{"load", plan.load}, {"batch", plan.batch}, {"output", plan.output}});
  return config;
}

int run_predict(Flags const& flags, CommandLine const& line) {
  refuse_command(line);
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
  subcommand->add_option("--batch", plan.batch, "Rows of a job")->check(at_least_one())->capture_default_str();
  subcommand->add_option("-o,--output", plan.output, "Write the labels there; the file is whole or absent");
  subcommand->footer(
      "A batch of rows is a job; every node has the model before its first one. Prints a label per line, in the order "
      "of the rows; the lines of a batch that was given up are empty.");
  return [flags](CommandLine const& line) { return run_predict(*flags, line); };
}

}  // namespace app
