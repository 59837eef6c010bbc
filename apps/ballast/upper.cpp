// ballast upper: the demo of the AML-IP workload scenario; words go out, come back in upper case after some work.
#include <algorithm>
#include <cctype>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <memory>
#include <nlohmann/json.hpp>
#include <random>
#include <thread>

#include <ballast/ballast.hpp>
#include <ballast/core/terminal.hpp>
#include <ballast/problem/file_joiner.hpp>
#include <ballast/problem/text_splitter.hpp>

#include "quantities.hpp"
#include "run_flags.hpp"
#include "subcommand.hpp"

namespace app {
namespace {

/// How long a computing node pretends to work on one job: uniform between the two.
struct WorkTime {
  ballast::Duration least{};
  ballast::Duration most{};
};

WorkTime parse_work_time(std::string const& text) {
  auto const colon = text.find(':');
  if (colon == std::string::npos)
    throw ballast::UsageError{"--work does not understand `" + text + "`", "it takes MIN:MAX",
                              "try --work 1:5 or --work 0:0"};
  WorkTime const time{parse_duration("--work", text.substr(0, colon)),
                      parse_duration("--work", text.substr(colon + 1))};
  if (time.least > time.most)
    throw ballast::UsageError{"--work does not understand `" + text + "`", "its MIN is more than its MAX",
                              "try --work 1:5"};
  return time;
}

ballast::Duration draw_work_time(WorkTime const& work, std::uint64_t seed, ballast::JobAttempt const& name) {
  if (work.least == work.most) return work.least;
  std::seed_seq source{seed, name.job.value(), std::uint64_t{name.attempt.value()}};
  std::mt19937_64 generator{source};
  return ballast::Duration{std::uniform_int_distribution{work.least.count(), work.most.count()}(generator)};
}

/// The lines of standard input, up to an empty one.
class TypedWords {
 public:
  /// Where they are kept, so that a resumed run finds them; empty: nowhere, and they are read as they come.
  explicit TypedWords(std::filesystem::path keep) : keep_{std::move(keep)} {}

  std::optional<std::string> next() {
    std::string line;
    if (keep_.empty() ? !std::getline(std::cin, line) : !std::getline(kept(), line)) return {};
    return line.empty() ? std::nullopt : std::optional{line};
  }

 private:
  std::istream& kept() {
    if (!file_.is_open()) {
      ballast::TextOptions options;
      options.keep = keep_;
      static_cast<void>(ballast::make_text_splitter(options));
      file_.open(keep_);
    }
    return file_;
  }

  std::filesystem::path keep_;
  std::ifstream file_;
};

template <ballast::JoinOrder Order>
struct Upper {
  using Job = std::string;
  using Solution = std::string;
  static constexpr auto order = Order;

  std::vector<std::string> words;
  bool from_input{};
  TypedWords typed;
  WorkTime work;
  std::uint64_t seed{};
  std::size_t next_word{0};
  std::unique_ptr<ballast::Joiner> output = ballast::make_file_joiner({}, Order);

  std::optional<Job> split() {
    if (from_input) return typed.next();
    return next_word < words.size() ? std::optional{words[next_word++]} : std::nullopt;
  }

  Solution solve(Job const& job, ballast::AttemptContext const& context) const {
    std::this_thread::sleep_for(draw_work_time(work, seed, context.name));
    Solution upper{job};
    std::transform(upper.begin(), upper.end(), upper.begin(),
                   [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
    return upper;
  }

  void join(ballast::JobId id, Solution&& solution) {
    solution.push_back('\n');
    output->write(id, solution);
    output->finish(id);
    if (Order == ballast::JoinOrder::arrival || work.most > ballast::Duration{0}) output->show();
  }
  void close() { output->close(); }

  std::string identity() const {
    nlohmann::ordered_json const facts{{"subcommand", "upper"}, {"words", words}, {"from_input", from_input}};
    return facts.dump();
  }
};

struct Flags {
  explicit Flags(CLI::App& subcommand) : run{subcommand} {}

  RunFlags run;
  std::vector<std::string> words;
  std::string work{"1:5"};
};

template <ballast::JoinOrder Order>
int run_upper(CommandLine const& line, Flags const& flags) {
  auto const& directory = flags.run.run_dir();
  TypedWords typed{directory.empty() ? std::filesystem::path{} : std::filesystem::path{directory} / "input"};
  Upper<Order> problem{flags.words, flags.words.empty(), std::move(typed), parse_work_time(flags.work),
                       flags.run.seed()};
  auto const options = flags.run.options(Result::standard_output);
  ballast::Session session{line.argc, line.argv};
  return session.run(problem, options).exit_code();
}

}  // namespace

Run add_upper(CLI::App& program) {
  auto* const subcommand =
      program.add_subcommand("upper", "The AML-IP demo: turn words into upper case, after some work");
  auto const flags = std::make_shared<Flags>(*subcommand);
  subcommand->add_option("WORD", flags->words,
                         "Each is a job; without any, each line of standard input is, up to an empty one");
  subcommand->add_option("--work", flags->work, "Pretended work per job, MIN:MAX; 0:0 for none")->capture_default_str();
  subcommand->footer("Prints one line per solution in job order; at a terminal, as they arrive.");
  return [flags](CommandLine const& line) {
    if (flags->run.print_config()) {
      auto config = flags->run.config();
      config.update({{"work", flags->work}, {"words", flags->words}});
      if (ballast::Session::launched_rank() == 0) std::cout << config.dump(2) << "\n";
      return 0;
    }
    auto const all = [&] {
      auto merged = *flags;
      merged.words.insert(merged.words.end(), line.command.begin(), line.command.end());
      return merged;
    }();
    bool const interactive = all.words.empty() && ballast::is_terminal(ballast::Stream::input);
    return interactive ? run_upper<ballast::JoinOrder::arrival>(line, all)
                       : run_upper<ballast::JoinOrder::dataset>(line, all);
  };
}

}  // namespace app
