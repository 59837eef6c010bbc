// ballast-fuzz: plays fault schedules until one breaks a rule, and shows the shortest one that does.
#include <fmt/core.h>

#include <csignal>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <optional>
#include <string>
#include <string_view>

#include "sim/fault_world.hpp"

namespace {

using namespace ballast::testing;

constexpr int usage_error = 2;

/// What was broken, whatever the numbers.
std::string kind_of(std::string wrong) {
  std::erase_if(wrong, [](char letter) { return letter >= '0' && letter <= '9'; });
  return wrong;
}

void show_shrunk(FaultSchedule const& schedule) {
  std::fflush(stdout);  // to shrink may take a while
  auto const kind = kind_of(play(schedule).value());
  auto const fails = [&](FaultSchedule const& smaller) { return kind_of(play(smaller).value_or("")) == kind; };
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

/// A schedule that ends this program is not to be searched for again.
std::uint64_t seed_at_work{};
void say_seed(int signal) {
  static_cast<void>(std::fprintf(stderr, "seed %llu ends ballast-fuzz by signal %d\n",
                                 static_cast<unsigned long long>(seed_at_work), signal));
  std::_Exit(EXIT_FAILURE);
}

int search(std::uint64_t from, std::uint64_t count) {
  for (auto seed = from; seed < from + count; ++seed) {
    seed_at_work = seed;
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
  for (auto const signal : {SIGSEGV, SIGABRT}) std::signal(signal, say_seed);
  if (auto const seed = option(argc, argv, "--seed")) return show(*seed);
  if (auto const seeds = option(argc, argv, "--seeds")) return search(option(argc, argv, "--from").value_or(1), *seeds);
  fmt::print(stderr, "usage: ballast-fuzz --seeds N [--from S] | --seed S\n");
  return usage_error;
}
