// ballast: one program, one subcommand per use.
#include <fmt/core.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <thread>

#include <ballast/core/launch.hpp>
#include <ballast/runtime/session.hpp>

#include "launch_plan.hpp"
#include "subcommand.hpp"

namespace {

using app::CommandLine;
using app::Run;

/// Splits at the first `--`, before the parser sees it: behind it every word belongs to the command. The values of
/// `run` belong to no option either.
CommandLine split_arguments(int argc, char const* const* argv) {
  CommandLine line{argc, argv, {}, {}, false};
  bool values = false;
  for (int i = 1; i < argc; ++i) {
    std::string const word{argv[i]};
    values = values || (!line.own.empty() && line.own.front() == "run" && word.starts_with(":::"));
    // GNU parallel's `--header :`.
    if (word == ":" && !line.has_command && !line.own.empty() && line.own.back() == "--header") continue;
    if (!line.has_command && !values && word == "--")
      line.has_command = true;
    else
      (line.has_command || values ? line.command : line.own).push_back(word);
  }
  return line;
}

std::string version_text() {
  return fmt::format("ballast {} ({}, {} build, instruction level {})", ballast::version(), ballast::mpi_version(),
#ifdef NDEBUG
                     "release",
#else
                     "debug",
#endif
#ifdef __AVX512F__
                     "avx512"
#elif defined(__AVX2__)
                     "avx2"
#else
                     "generic"
#endif
  );
}

void check_subcommand(CommandLine const& line, std::map<std::string, Run> const& known) {
  if (line.own.empty())
    throw ballast::UsageError{"no subcommand is given", "", "`ballast --help` lists those there are"};
  auto const& name = line.own.front();
  if (known.contains(name) || name == "-h" || name == "--help" || name == "--version") return;
  throw ballast::UsageError{fmt::format("there is no {} `{}`", name.starts_with('-') ? "option" : "subcommand", name),
                            "", "`ballast --help` lists the subcommands"};
}

/// The subcommand that was chosen, or none if the parser has answered by itself (--help, --version).
Run const* parse(CLI::App& program, CommandLine const& line, std::map<std::string, Run> const& known) {
  try {
    check_subcommand(line, known);
    auto words = line.own;
    std::reverse(words.begin(), words.end());
    program.parse(words);
    return &known.at(program.get_subcommands().front()->get_name());
  } catch (CLI::Success const& answer) {
    if (ballast::Session::launched_rank() == 0) program.exit(answer);
    return nullptr;
  } catch (CLI::ParseError const& error) {
    auto const chosen = program.get_subcommands();
    auto const name = chosen.empty() ? std::string{"ballast"} : "ballast " + chosen.front()->get_name();
    throw ballast::UsageError{error.what(), "", fmt::format("`{} --help` describes the options", name)};
  }
}

int run(int argc, char const* const* argv) {
  auto const line = split_arguments(argc, argv);
  CLI::App program{
      "Ballast, a batch engine for MPI: splits a dataset into jobs, feeds them to computing nodes, joins their "
      "solutions"};
  program.name("ballast");
  program.require_subcommand(1);
  program.set_version_flag("--version", version_text());
  program.footer(
      "Under mpirun rank 0 is the Main Node and the other ranks are computing nodes; without mpirun this machine's "
      "cores solve the jobs.\n`ballast SUBCOMMAND --help` describes a subcommand.");
  std::map<std::string, Run> known;
  known.emplace("upper", app::add_upper(program));
  known.emplace("map", app::add_map(program));
  known.emplace("run", app::add_run(program));
  known.emplace("knn", app::add_knn(program));
  known.emplace("train", app::add_train(program));
  known.emplace("predict", app::add_predict(program));
  known.emplace("launch", app::add_launch(program));
  known.emplace("policies", app::add_policies(program));
  known.emplace("simulate", app::add_simulate(program));
  try {
    auto const* const chosen = parse(program, line, known);
    return chosen == nullptr ? 0 : (*chosen)(line);
  } catch (ballast::Error const& error) {
    // Every rank comes here by itself; together they end the session, so that the reason is said once.
    ballast::Session session{argc, argv};
    return session.refuse(error).exit_code();
  }
}

/// The words of main(), as the caller of `ballast launch` wrote them.
std::vector<std::string> words_of(int argc, char const* const* argv) {
  std::vector<std::string> words{argv, argv + argc};
  if (std::getenv(ballast::launch_variable) != nullptr)
    std::transform(words.begin(), words.end(), words.begin(), app::unguard_colons);
  return words;
}

/// launch hears the exit code from rank 0, and mpirun keeps waiting for daemons on other hosts whose ranks failed.
bool reports_itself() {
  return std::getenv(ballast::launch_variable) == nullptr || ballast::Session::launched_rank() == 0;
}

}  // namespace

int main(int argc, char** argv) {
  try {
    ballast::Session::meet_launcher();
    auto const words = words_of(argc, argv);
    std::vector<char const*> pointers;
    for (auto const& word : words) pointers.push_back(word.c_str());
    pointers.push_back(nullptr);
    int const exit_code = run(argc, pointers.data());
    return reports_itself() ? exit_code : 0;
  } catch (std::exception const& error) {
    fmt::print(stderr, "ballast: {}\n", error.what());
    return static_cast<int>(ballast::ExitCode::engine);
  }
}
