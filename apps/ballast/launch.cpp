// ballast launch: starts the ranks such that a dead one does not end the run, and stands for them before the caller.
#include <fcntl.h>
#include <fmt/core.h>
#include <unistd.h>

#include <cstdlib>
#include <memory>

#include <ballast/core/error.hpp>
#include <ballast/core/launch.hpp>

#include "launch_plan.hpp"
#include "launch_watch.hpp"
#include "subcommand.hpp"

namespace app {
namespace {

struct Flags {
  std::uint32_t nodes{0};
  std::string launcher{"mpirun"};
  LaunchPlan plan;
};

/// Descriptors 0 to 2 go to rank 0: one that is closed must not become something else before.
void open_standard_streams() {
  for (int const stream : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO})
    if (fcntl(stream, F_GETFD) < 0) static_cast<void>(open("/dev/null", stream == STDIN_FILENO ? O_WRONLY : O_RDONLY));
}

void check(LaunchPlan const& plan, Flags const& flags) {
  for (auto const* const variable : {ballast::launch_variable, "OMPI_COMM_WORLD_RANK"})
    if (std::getenv(variable) != nullptr)
      throw ballast::UsageError{"`ballast launch` cannot be started by a launcher", "it is one",
                                "start it by itself; `mpirun ballast SUBCOMMAND` needs no launch"};
  if (plan.words.empty())
    throw ballast::UsageError{"there is nothing to launch", "", "name a subcommand: ballast launch -n 4 -- map ..."};
  if (plan.words.front() == "launch")
    throw ballast::UsageError{"`ballast launch` cannot launch itself", "", "name another subcommand"};
  if (!plan.hosts.empty() && !plan.hostfile.empty())
    throw ballast::UsageError{"--host and --hostfile exclude each other", "", "leave one of them out"};
  if (!plan.hostfile.empty() && flags.nodes == 0)
    throw ballast::UsageError{"with --hostfile the number of computing nodes is open", "", "give -n"};
  if (flags.launcher == "srun" && (!plan.hosts.empty() || !plan.hostfile.empty()))
    throw ballast::UsageError{"srun takes the hosts of its allocation", "", "leave out --host and --hostfile"};
}

/// The first `--` is launch's own if nothing but its options stands before it.
std::vector<std::string> words_to_run(CLI::App const& subcommand, CommandLine const& line) {
  auto words = subcommand.remaining();
  if (words.empty()) return line.command;
  if (line.has_command) words.emplace_back("--");
  words.insert(words.end(), line.command.begin(), line.command.end());
  return words;
}

}  // namespace

Run add_launch(CLI::App& program) {
  auto* const subcommand = program.add_subcommand(
      "launch", "Start a subcommand on many computing nodes, such that one that dies does not end the run");
  auto const flags = std::make_shared<Flags>();
  subcommand
      ->add_option("-n", flags->nodes,
                   "Computing nodes; the Main Node comes on top. Default: the slots of --host, the Slurm allocation "
                   "(its tasks but one), or the allowed cores of this machine")
      ->check(CLI::Range(1, 100000));
  subcommand->add_option("--host", flags->plan.hosts,
                         "Where the computing nodes run, as mpirun takes it: a:4,b:4; the Main Node stays here");
  subcommand->add_option("--hostfile", flags->plan.hostfile, "The same as a file of mpirun's");
  subcommand->add_option("--launcher", flags->launcher, "What starts the ranks")
      ->check(CLI::IsMember({"mpirun", "srun"}))
      ->capture_default_str();
  subcommand->add_option("--mpi-arg", flags->plan.extra, "A further word for it; may be given more than once")
      ->allow_extra_args(false);
  subcommand->prefix_command();
  subcommand->footer(
      "Example: ballast launch -n 8 --host a:4,b:4 -- map corpus.txt -o out.txt -- wc -w\n"
      "Standard input, output and error are those of the Main Node, and so is the exit code. SIGINT, SIGTERM and "
      "SIGUSR1 let it drain the run; a second SIGINT or SIGTERM ends everything at once.");
  return [flags, subcommand](CommandLine const& line) {
    auto plan = flags->plan;
    plan.words = words_to_run(*subcommand, line);
    check(plan, *flags);
    plan.launcher = flags->launcher;
    plan.nodes = flags->nodes > 0 ? flags->nodes : default_nodes(plan.hosts);
    open_standard_streams();
    return LaunchWatch{std::move(plan)}.wait();
  };
}

}  // namespace app
