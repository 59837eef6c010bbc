// Flags of simulate: what its options say, and what they mean to the simulation.
#pragma once

#include <CLI/CLI.hpp>
#include <cstdint>
#include <optional>
#include <string>

#include <ballast/sim/simulation.hpp>

#include "subcommand.hpp"

namespace app {

struct SimulateFlags {
  std::string policies{"all"};
  std::optional<std::uint32_t> nodes;  ///< as given
  std::uint32_t solvers{1};
  std::uint64_t jobs{10'000};
  std::string cost{"lognormal:mean=10ms,sigma=1.5"};
  std::string job_log;
  std::string speeds{"equal"};
  std::string weights{"measured"};
  std::string hints{"off"};
  std::string overhead{"10us"};
  std::string latency{"20us"};
  std::string faults;
  std::string lease{"10s"};
  std::string prefetch{"auto"};
  std::uint32_t retries{2};
  std::string speculate{"on"};
  std::string seed{"0"};
  std::uint64_t repeat{1};
  bool csv{false};
  std::string timeline;
  std::string real;    ///< how real runs spend their jobs' time; empty = virtual time
  std::string record;  ///< directory; empty = no recording
  std::string replay;  ///< directory; empty = nothing is replayed
  std::string until;

  [[nodiscard]] bool is_real() const { return !real.empty(); }
  [[nodiscard]] std::uint32_t node_count() const { return nodes.value_or(8); }
};

void add_simulate_options(CLI::App& subcommand, SimulateFlags& flags);
/// Throws UsageError for what makes no sense together.
void check_simulate_flags(SimulateFlags const& flags, CommandLine const& line);

/// The jobs that this seed draws. Throws UsageError, and InputOutputError for a job log.
[[nodiscard]] ballast::Workload workload_of(SimulateFlags const& flags, std::uint64_t seed);
/// What all policies and seeds have in common. Throws UsageError.
[[nodiscard]] ballast::SimulationSetting setting_of(SimulateFlags const& flags);

}  // namespace app
