// ballast map: pipe a dataset of records through a command, in jobs, on all computing nodes.
#include <iostream>
#include <memory>
#include <nlohmann/json.hpp>
#include <set>

#include <ballast/ballast.hpp>
#include <ballast/core/shell.hpp>
#include <ballast/problem/file_joiner.hpp>
#include <ballast/problem/reference.hpp>
#include <ballast/problem/text_splitter.hpp>
#include <ballast/solver/command.hpp>

#include "quantities.hpp"
#include "run_flags.hpp"
#include "subcommand.hpp"

namespace app {
namespace {

struct Output {
  std::optional<std::filesystem::path> file;
  ballast::JoinOrder order{};
};

class MapProblem final : public ballast::Problem {
 public:
  MapProblem(ballast::TextOptions text, ballast::CommandOptions command, Output output)
      : text_{std::move(text)}, command_{std::move(command)}, output_{std::move(output)}, solver_{command_} {}

  std::string identity() const override {
    nlohmann::ordered_json const facts{{"subcommand", "map"},
                                       {"dataset", ballast::identity(text_)},
                                       {"command", command_.argv},
                                       {"accept_status", command_.accept_status}};
    return facts.dump();
  }

  ballast::ByHand by_hand(std::string_view) const override {
    if (text_.content == ballast::JobContent::reference) return {};
    return {ballast::shell_words(command_.argv), ballast::ByHand::Input::job};
  }

  void prepare() override { ballast::require_program(command_.argv.front()); }
  ballast::Splitter split() override { return ballast::make_text_splitter(text_); }
  std::unique_ptr<ballast::Joiner> join() override { return ballast::make_file_joiner(output_.file, output_.order); }

  void solve(ballast::AttemptContext const& context, std::string_view job, ballast::SolutionSink& solution) override {
    if (text_.content == ballast::JobContent::reference)
      solver_.solve(context, ballast::resolve_reference(job), solution);
    else
      solver_.solve(context, job, solution);
  }

 private:
  ballast::TextOptions text_;
  ballast::CommandOptions command_;
  Output output_;
  ballast::CommandSolver solver_;
};

struct Flags {
  explicit Flags(CLI::App& subcommand) : run{subcommand} {}

  RunFlags run;
  std::vector<std::string> inputs;
  std::string output;
  std::string batch_bytes{"64K"};
  std::uint64_t batch_lines{0};
  bool null{false};
  bool unordered{false};
  bool by_reference{false};
  std::vector<int> accept_status{0};
  bool dry_run{false};
};

ballast::TextOptions text_options(Flags const& flags) {
  ballast::TextOptions text;
  text.inputs = flags.inputs;
  if (flags.null) text.record_end = ballast::RecordEnd::null;
  auto const bytes = parse_size("--batch-bytes", flags.batch_bytes);
  if (bytes == 0)
    throw ballast::UsageError{"--batch-bytes is 0", "a job has at least one byte", "try --batch-bytes 64K"};
  text.batch = ballast::BatchBytes{bytes};
  if (flags.batch_lines > 0) text.batch = ballast::BatchRecords{flags.batch_lines};
  if (flags.by_reference) text.content = ballast::JobContent::reference;
  return text;
}

nlohmann::ordered_json config(Flags const& flags, CommandLine const& line) {
  auto config = flags.run.config();
  config.update(
      {{"inputs", flags.inputs},
       {"output", flags.output.empty() ? nlohmann::ordered_json{} : nlohmann::ordered_json(flags.output)},
       {"batch_bytes", parse_size("--batch-bytes", flags.batch_bytes)},
       {"batch_lines", flags.batch_lines > 0 ? nlohmann::ordered_json(flags.batch_lines) : nlohmann::ordered_json{}},
       {"null", flags.null},
       {"unordered", flags.unordered},
       {"by_reference", flags.by_reference},
       {"accept_status", flags.accept_status},
       {"command", line.command}});
  return config;
}

nlohmann::ordered_json plan(Flags const& flags, CommandLine const& line) {
  auto const splitter = ballast::make_text_splitter(text_options(flags));
  auto const* const indexed = std::get_if<std::unique_ptr<ballast::IndexedSplitter>>(&splitter);
  nlohmann::ordered_json jobs;
  if (indexed != nullptr) jobs = (*indexed)->count();
  return {{"jobs", jobs},
          {"inputs", flags.inputs},
          {"command", line.command},
          {"policy", flags.run.options(Result::file).policy}};
}

int run_map(Flags const& flags, CommandLine const& line) {
  if (line.command.empty())
    throw ballast::UsageError{"no command is given", "map pipes each job through one",
                              "put it behind `--`: ballast map FILE -- wc -w"};
  auto const result = flags.output.empty() || flags.output == "-" ? Result::standard_output : Result::file;
  auto const options = flags.run.options(result);
  auto text = text_options(flags);
  if (!flags.run.run_dir().empty()) text.keep = std::filesystem::path{flags.run.run_dir()} / "input";
  if (flags.run.print_config() || flags.dry_run) {
    if (ballast::Session::launched_rank() == 0)
      std::cout << (flags.dry_run ? plan(flags, line) : config(flags, line)).dump(2) << "\n";
    return 0;
  }
  ballast::CommandOptions const command{line.command, {flags.accept_status.begin(), flags.accept_status.end()}};
  Output output{{}, flags.unordered ? ballast::JoinOrder::arrival : ballast::JoinOrder::dataset};
  if (result == Result::file) output.file = flags.output;
  MapProblem problem{text, command, output};
  ballast::Session session{line.argc, line.argv};
  return session.run(problem, options).exit_code();
}

}  // namespace

Run add_map(CLI::App& program) {
  auto* const subcommand =
      program.add_subcommand("map", "Pipe a dataset through a command: ballast map FILE -- COMMAND");
  auto const flags = std::make_shared<Flags>(*subcommand);
  subcommand->add_option("INPUT", flags->inputs, "Files of records; none or - is standard input");
  subcommand->add_option("-o,--output", flags->output, "Write the result there; the file is whole or absent");
  auto* const bytes =
      subcommand->add_option("--batch-bytes", flags->batch_bytes, "Records of a job, in bytes")->capture_default_str();
  subcommand->add_option("--batch-lines", flags->batch_lines, "Records of a job, in number")
      ->check(at_least_one())
      ->excludes(bytes);
  subcommand->add_flag("-0,--null", flags->null, "Records end with NUL instead of newline");
  subcommand->add_flag("-u,--unordered", flags->unordered, "Join solutions as they arrive");
  subcommand->add_flag("--by-reference", flags->by_reference,
                       "Nodes read the files themselves; size and time are checked");
  subcommand->add_option("--accept-status", flags->accept_status, "Exit statuses of COMMAND that are no failure")
      ->delimiter(',')
      ->capture_default_str();
  subcommand->add_flag("--dry-run", flags->dry_run, "Print what would be done as JSON and end");
  subcommand->footer(
      "COMMAND is started once per job, without a shell, with the job's records on its standard input; what it prints "
      "is the "
      "solution. Solutions are joined in dataset order, so `map FILE -- cat` is FILE. Batches are cut at records: `-- "
      "sort` sorts "
      "each batch by itself.\nCOMMAND finds BALLAST_JOB (from 0), BALLAST_ATTEMPT, BALLAST_NODE, BALLAST_SOLVER and "
      "BALLAST_HOST in "
      "its environment.");
  return [flags](CommandLine const& line) { return run_map(*flags, line); };
}

}  // namespace app
