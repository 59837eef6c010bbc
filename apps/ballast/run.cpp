// ballast run: a list of commands, or a template filled in with values; each a job.
#include <iostream>
#include <memory>
#include <nlohmann/json.hpp>

#include <ballast/ballast.hpp>

#include "quantities.hpp"
#include "run_flags.hpp"
#include "subcommand.hpp"
#include "task_problem.hpp"
#include "task_words.hpp"

namespace app {
namespace {

struct Flags {
  explicit Flags(CLI::App& subcommand) : run{subcommand, Jobs::with_side_effects} {}

  [[nodiscard]] Memory memory() const {
    return run.run_dir().empty() && !joblog.empty() ? Memory::job_log : Memory::run_directory;
  }

  RunFlags run;
  std::vector<std::string> words;
  std::vector<std::string> argument_files;
  bool link{false};
  bool header{false};
  std::string column_separator;
  bool shuffle{false};
  std::string shell{"/bin/sh"};
  std::string output;
  std::string output_dir;
  bool unordered{false};
  bool keep_order{false};
  bool tag{false};
  std::string joblog;
  std::string learn_from;
  std::string delay;
  bool dry_run{false};
};

ballast::TaskOptions task_options(Flags const& flags, CommandLine const& line) {
  ValueStyle style{flags.argument_files, flags.link ? ballast::Combination::linked : ballast::Combination::all,
                   flags.header ? ballast::TaskHeader::names : ballast::TaskHeader::none,
                   flags.column_separator == "\\t" ? "\t" : flags.column_separator};
  ballast::TaskOptions options{parse_tasks(flags.words, line, style), flags.shell};
  if (flags.shuffle) options.shuffle_seed = flags.run.seed();
  if (!flags.run.run_dir().empty()) options.keep = std::filesystem::path{flags.run.run_dir()} / "input";
  return options;
}

TaskOutput task_output(Flags const& flags) {
  TaskOutput output;
  if (!flags.output.empty() && flags.output != "-") output.file = flags.output;
  output.folder = flags.output_dir;
  output.order = flags.unordered ? ballast::JoinOrder::arrival : ballast::JoinOrder::dataset;
  output.tags = flags.tag ? TaskOutput::Tags::on : TaskOutput::Tags::off;
  return output;
}

TaskLog task_log(Flags const& flags) {
  TaskLog log;
  log.file = flags.joblog;
  if (log.file.empty() && !flags.run.run_dir().empty()) log.file = flags.run.run_dir() + "/joblog";
  auto const resume = flags.run.resume();
  using Mode = ballast::JobLog::Mode;
  log.mode = resume == ballast::Resume::no ? Mode::fresh : Mode::append;
  if (flags.memory() == Memory::job_log && resume != ballast::Resume::no)
    log.resume = resume == ballast::Resume::and_retry ? ballast::Again::failed : ballast::Again::nothing;
  log.learn_from = flags.learn_from;
  return log;
}

nlohmann::ordered_json config(Flags const& flags, CommandLine const& line) {
  auto config = flags.run.config(flags.memory());
  config.update({{"words", flags.words},
                 {"command", line.command},
                 {"argument_files", flags.argument_files},
                 {"link", flags.link},
                 {"header", flags.header},
                 {"colsep", flags.column_separator},
                 {"shuffle", flags.shuffle},
                 {"shell", flags.shell},
                 {"output", flags.output},
                 {"output_dir", flags.output_dir},
                 {"unordered", flags.unordered},
                 {"tag", flags.tag},
                 {"joblog", flags.joblog},
                 {"learn_from", flags.learn_from},
                 {"delay", flags.delay}});
  return config;
}

void print_commands(ballast::TaskOptions const& options) {
  ballast::TaskList const tasks{options};
  auto const skipped = tasks.skipped();
  auto next = skipped.begin();
  for (std::uint64_t id = 0; id < tasks.count(); ++id) {
    while (next != skipped.end() && id >= next->first.value() + next->count) ++next;
    if (next != skipped.end() && id >= next->first.value()) continue;
    std::cout << ballast::command_of_task(tasks.read(ballast::JobId{id}), options.shell) << "\n";
  }
}

int run_run(Flags const& flags, CommandLine const& line) {
  bool const to_file = !flags.output_dir.empty() || (!flags.output.empty() && flags.output != "-");
  auto options = flags.run.options(to_file ? Result::file : Result::standard_output, flags.memory());
  if (!flags.delay.empty()) options.delay = parse_duration("--delay", flags.delay);
  // What a node holds ahead would start before the verdict on what has just ended is known.
  if (options.halt && !options.prefetch) options.prefetch = 0;
  if (!flags.joblog.empty() && flags.output == flags.joblog)
    throw ballast::UsageError{"-o and --joblog name the same file", "the outputs would take the place of the log",
                              "give them two"};
  auto const tasks = task_options(flags, line);
  if (flags.run.print_config() || flags.dry_run) {
    if (ballast::Session::launched_rank() != 0) return 0;
    if (flags.dry_run)
      print_commands(tasks);
    else
      std::cout << config(flags, line).dump(2) << "\n";
    return 0;
  }
  TaskProblem problem{tasks, task_output(flags), task_log(flags)};
  ballast::Session session{line.argc, line.argv};
  return session.run(problem, options).exit_code();
}

void add_values(CLI::App& subcommand, Flags& flags) {
  subcommand.add_option(
      "TASKFILE | TEMPLATE", flags.words,
      "A file with a command in each line (none or - is standard input), or, with values, a template");
  auto* const group = subcommand.add_option_group("Tasks", "What the commands are made of");
  group
      ->add_option("-a,--arg-file", flags.argument_files,
                   "A file with a value in each line, - is standard input; several: all combinations")
      ->allow_extra_args(false);
  group->add_flag("--link", flags.link, "First values together, then second ones; a shorter source begins again");
  group->add_flag("--header", flags.header, "The first value of each source is its name: {name}");
  group->add_option("--colsep", flags.column_separator,
                    "What stands between the columns of a value, which are {1} {2} …; \\t is a tab");
  group->add_flag("--shuffle,--shuf", flags.shuffle, "In an order of its own, which --seed decides");
  group->add_option("--shell", flags.shell, "Runs commands as SHELL -c")->capture_default_str();
  group->add_option("--delay", flags.delay, "Time between the starts of any two jobs");
  group->add_flag("--dry-run", flags.dry_run, "Print the commands and end");
}

void add_outputs(CLI::App& subcommand, Flags& flags) {
  auto* const group = subcommand.add_option_group("Output", "Where what the commands print goes");
  auto* const file = group->add_option("-o,--output", flags.output, "Write it there; the file is whole or absent");
  group
      ->add_option("--output-dir,--results", flags.output_dir,
                   "Write it there instead, for each job: DIR/SEQ/stdout and DIR/SEQ/stderr (the last 64 KiB)")
      ->excludes(file);
  auto* const ordered = group->add_flag("-k,--keep-order", flags.keep_order, "In the order of the tasks (the default)");
  group->add_flag("-u,--unordered", flags.unordered, "As the jobs end")->excludes(ordered);
  group->add_flag("--tag", flags.tag, "Begin each line with the task's values, or its command, and a tab");
  group->add_option("--joblog", flags.joblog,
                    "Write a line for each job that has ended, as GNU parallel does, and to FILE.jsonl what it used; "
                    "in a run directory: DIR/joblog. --resume without --run-dir goes by it");
  group->add_option("--learn-from", flags.learn_from,
                    "Job log of an earlier run, for --policy longest-first and auto to know how long commands take "
                    "(default: that of --joblog, if it is there)");
}

}  // namespace

Run add_run(CLI::App& program) {
  auto* const subcommand = program.add_subcommand(
      "run", "Run a list of commands: ballast run FILE, or a template: ballast run 'gzip {}' ::: *.txt");
  auto const flags = std::make_shared<Flags>(*subcommand);
  add_values(*subcommand, *flags);
  add_outputs(*subcommand, *flags);
  subcommand->footer(
      "Each line is given to `/bin/sh -c`; blank lines and lines that begin with # are counted, and skipped. A "
      "template "
      "is filled in with the values behind `:::`, in the files behind `::::` or of -a, or on standard input: {} {1} "
      "{2} "
      "the value, the first, the second, {.} without extension, {/} file name, {//} folder, {#} number of the task. "
      "One "
      "word is a shell command, and values are quoted; several words are run without a shell.\nCommands have side "
      "effects: they are not tried again (--retries) or copied (--speculate) unless that is asked for, but those of a "
      "lost node are. What one leaves running when it ends is ended. They read nothing, and find BALLAST_JOB (from 0), "
      "BALLAST_ATTEMPT, BALLAST_NODE, BALLAST_SOLVER "
      "and BALLAST_HOST in their environment. Standard input is read to its end first.");
  return [flags](CommandLine const& line) { return run_run(*flags, line); };
}

}  // namespace app
