// ballast-fuzz: plays fault schedules until one breaks a rule, and shows the shortest one that does.
#include <fmt/core.h>

#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <optional>
#include <string_view>

#include "sim/fault_world.hpp"

namespace {

using namespace ballast::testing;

constexpr int usage_error = 2;

void show_shrunk(FaultSchedule const& schedule) {
  auto const fails = [](FaultSchedule const& smaller) { return play(smaller).has_value(); };
  auto const smallest = shrink(schedule, fails);
  fmt::print("shrunk, it is broken by ({}):\n{}", *play(smallest), text_of(smallest));
}

int show(std::uint64_t seed) {
  auto const schedule = draw_schedule(seed);
  auto const wrong = play(schedule);
  fmt::print("seed {}: {}\n{}", seed, wrong ? *wrong : "all is well", text_of(schedule));
  if (wrong) show_shrunk(schedule);
  return wrong ? EXIT_FAILURE : EXIT_SUCCESS;
}

int search(std::uint64_t from, std::uint64_t count) {
  for (auto seed = from; seed < from + count; ++seed) {
    auto const schedule = draw_schedule(seed);
    auto const wrong = play(schedule);
    if (!wrong) continue;
    fmt::print("seed {}, the {}. of {}, breaks a rule: {}\n", seed, seed - from + 1, count, *wrong);
    show_shrunk(schedule);
    return EXIT_FAILURE;
  }
  fmt::print("{} seeds from {} on: all is well\n", count, from);
  return EXIT_SUCCESS;
}

std::optional<std::uint64_t> option(int argc, char** argv, std::string_view name) {
  for (int i = 1; i + 1 < argc; ++i)
    if (argv[i] == name) return std::strtoull(argv[i + 1], nullptr, 10);
  return {};
}

}  // namespace

int main(int argc, char** argv) {
  if (auto const seed = option(argc, argv, "--seed")) return show(*seed);
  if (auto const seeds = option(argc, argv, "--seeds")) return search(option(argc, argv, "--from").value_or(1), *seeds);
  fmt::print(stderr, "usage: ballast-fuzz --seeds N [--from S] | --seed S\n");
  return usage_error;
}
