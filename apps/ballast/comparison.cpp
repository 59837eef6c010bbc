// Columns as wide as what is in them; numbers to the right.
#include "comparison.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>

namespace app {
namespace {

std::string human_time(double seconds) {
  if (seconds < 1e-3) return fmt::format("{:.1f} us", seconds * 1e6);
  if (seconds < 1) return fmt::format("{:.2f} ms", seconds * 1e3);
  if (seconds < 100) return fmt::format("{:.3f} s", seconds);
  auto const whole = static_cast<std::uint64_t>(std::llround(seconds));
  if (seconds < 3600) return fmt::format("{} min {:02} s", whole / 60, whole % 60);
  return fmt::format("{} h {:02} min", whole / 3600, whole / 60 % 60);
}

/// Empty where there is nothing to compare with.
std::string ratio(ComparedRun const& run, int digits) {
  return run.ideal > 0 ? fmt::format("{:.{}f}", run.makespan / run.ideal, digits) : std::string{};
}

/// Runs of the same policy that follow each other, put together.
std::vector<ComparedRun> means(std::vector<ComparedRun> const& runs) {
  std::vector<ComparedRun> result;
  for (auto first = runs.begin(); first != runs.end();) {
    auto const end = std::find_if(first, runs.end(), [&](auto const& run) { return run.policy != first->policy; });
    auto const mean = [&](double ComparedRun::*number) {
      double sum = 0;
      for (auto run = first; run != end; ++run) sum += (*run).*number;
      return sum / static_cast<double>(end - first);
    };
    result.push_back({first->policy, first->seed, mean(&ComparedRun::makespan), mean(&ComparedRun::ideal),
                      mean(&ComparedRun::messages), mean(&ComparedRun::idle), mean(&ComparedRun::given_up)});
    first = end;
  }
  return result;
}

using Line = std::vector<std::string>;

std::size_t width(std::string const& text) {
  return static_cast<std::size_t>(
      std::count_if(text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xc0U) != 0x80U; }));
}

std::string aligned(std::vector<Line> const& lines) {
  std::vector<std::size_t> widths(lines.front().size());
  for (auto const& line : lines)
    for (std::size_t i = 0; i < line.size(); ++i) widths[i] = std::max(widths[i], width(line[i]));
  std::string text;
  for (auto const& line : lines) {
    for (std::size_t i = 0; i < line.size(); ++i) {
      std::string const padding(widths[i] - width(line[i]), ' ');
      text += i == 0 ? line[i] + padding : "  " + padding + line[i];
    }
    text += "\n";
  }
  return text;
}

std::string quoted(std::string const& text) {
  if (text.find_first_of(",\"\n") == std::string::npos) return text;
  std::string field{"\""};
  for (char const c : text) field += c == '"' ? std::string{"\"\""} : std::string{c};
  return field + "\"";
}

}  // namespace

std::string comparison_table(std::vector<ComparedRun> const& runs, ComparedWork const& work) {
  auto const rows = means(runs);
  bool const gave_up = std::any_of(rows.begin(), rows.end(), [](auto const& row) { return row.given_up > 0; });
  std::vector<Line> lines{{"policy", "makespan", "÷ ideal", "messages", "idle"}};
  if (gave_up) lines.front().emplace_back("given up");
  for (auto const& row : rows) {
    lines.push_back({row.policy, human_time(row.makespan), ratio(row, 3), fmt::format("{:.0f}", row.messages),
                     fmt::format("{:.1f} %", row.idle * 100)});
    if (gave_up) lines.back().push_back(fmt::format("{:.0f}", row.given_up));
  }
  return aligned(lines) + fmt::format("ideal {}: {} jobs, {}; {} nodes with {} solver{} each, {}{}\n",
                                      human_time(rows.front().ideal), work.jobs, work.cost, work.nodes, work.solvers,
                                      work.solvers == 1 ? "" : "s", work.speeds,
                                      work.kind == "simulated" ? "" : "; real runs, " + work.kind);
}

std::string comparison_csv(std::vector<ComparedRun> const& runs, ComparedWork const& work) {
  std::string text{"policy,makespan,ideal,ratio,messages,idle,jobs,nodes,solvers,cost,speeds,seed,kind\n"};
  for (auto const& run : runs)
    text += fmt::format("{},{:.9f},{:.9f},{},{:.0f},{:.6f},{},{},{},{},{},{},{}\n", quoted(run.policy), run.makespan,
                        run.ideal, ratio(run, 6), run.messages, run.idle, work.jobs, work.nodes, work.solvers,
                        quoted(work.cost), quoted(work.speeds), run.seed, work.kind);
  return text;
}

}  // namespace app
