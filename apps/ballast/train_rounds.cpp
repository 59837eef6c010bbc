// Each round is a run of the session; with shards that stay with their nodes, a survey of them comes first.
#include "train_rounds.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <string>
#include <system_error>

#include "run_flags.hpp"

namespace app {
namespace {

constexpr std::uint32_t survey_round = 0;

std::string megabytes(std::uint64_t bytes) { return fmt::format("{:.2f} MB", static_cast<double>(bytes) / 1e6); }

double seconds_since(ballast::Time began) {
  return std::chrono::duration<double>{ballast::Clock::now() - began}.count();
}

}  // namespace

TrainRounds::TrainRounds(TrainPlan plan, CommandLine const& line, ballast::RunOptions options)
    : plan_{std::move(plan)}, options_{std::move(options)}, session_{line.argc, line.argv} {}

int TrainRounds::run() {
  if (auto const error = open()) return session_.refuse(*error).exit_code();
  if (plan_.shards_stay())
    if (auto const code = survey(); code != 0) return code;
  announce();
  for (std::uint32_t round = 1; round <= plan_.rounds; ++round)
    if (auto const code = run(round); code != 0) return code;
  sum_up();
  return 0;
}

/// What does not fit is an error of the Main Node's; the others learn of it in the first run.
std::optional<ballast::Error> TrainRounds::open() {
  if (!session_.is_main()) return {};
  try {
    course_.open();
    if (std::error_code ignored; !options_.record.empty())
      std::filesystem::create_directories(options_.record, ignored);  // the recorder says what is wrong
  } catch (ballast::Error const& error) {
    return error;
  }
  return {};
}

int TrainRounds::survey() {
  ShardSurvey problem{plan_, course_};
  auto const outcome = session_.run(problem, options_of(survey_round)).outcome;
  if (session_.is_main() && outcome != ballast::ExitCode::drained) course_.drop_run(survey_round);
  return static_cast<int>(outcome);
}

void TrainRounds::announce() const {
  if (!session_.is_main()) return;
  if (auto const done = course_.rounds_done(); done > 0 && talks())
    fmt::print(stderr, "ballast: {} round{} of {} {} done; the table goes on behind\n", done, done == 1 ? "" : "s",
               plan_.run_dir, done == 1 ? "is" : "are");
  fmt::print("round\tloss\taccuracy\tseconds\n");
  std::fflush(stdout);
}

int TrainRounds::run(std::uint32_t round) {
  auto const began = ballast::Clock::now();
  bool const is_new = round > course_.rounds_done();
  problem_.begin(round);
  auto const report = session_.run(problem_, options_of(round));
  if (session_.is_main() && is_new && report.exit_code() == 0) tell(round, report, seconds_since(began));
  return report.exit_code();
}

void TrainRounds::tell(std::uint32_t round, ballast::RunReport const& report, double seconds) {
  auto const& numbers = course_.end_round(seconds, report.bytes_sent, report.bytes_received);
  fmt::print("{}\t{:.6f}\t{:.6f}\t{:.3f}\n", round, numbers.loss, numbers.accuracy, numbers.seconds);
  std::fflush(stdout);
  if (options_.verbosity == ballast::Verbosity::verbose)
    fmt::print(stderr, "ballast: round {}: {} sent, {} received\n", round, megabytes(report.bytes_sent),
               megabytes(report.bytes_received));
  if (traffic_.rounds++ == 0) traffic_.first_sent = report.bytes_sent;
  traffic_.sent += report.bytes_sent;
  traffic_.received += report.bytes_received;
}

/// Within one rank nothing is sent.
void TrainRounds::sum_up() const {
  if (session_.size() == 1 || !session_.is_main() || traffic_.rounds == 0 || !talks()) return;
  fmt::print(stderr, "ballast: {} round{}: the Main Node sent {}, {} of it in the first, and received {}\n",
             traffic_.rounds, traffic_.rounds == 1 ? "" : "s", megabytes(traffic_.sent), megabytes(traffic_.first_sent),
             megabytes(traffic_.received));
}

/// A round has its own folders, and what is left of the time. One that was done before has nothing to keep.
ballast::RunOptions TrainRounds::options_of(std::uint32_t round) const {
  auto options = options_;
  deduct_time_since(began_, options);
  bool const is_new = round == survey_round || round > course_.rounds_done();
  for (auto* const folder : {&options.record, &options.run_dir})
    if (!folder->empty()) *folder = is_new ? round_folder(*folder, round) : std::string{};
  if (round < plan_.rounds) options.sequel = ballast::Sequel::follows;
  return options;
}

}  // namespace app
