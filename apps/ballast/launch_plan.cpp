// Each flag of mpirun that launch chooses is named here, with its reason.
#include "launch_plan.hpp"

#include <fmt/core.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <fstream>
#include <sstream>
#include <string_view>
#include <thread>

#include <ballast/core/error.hpp>
#include <ballast/core/launch.hpp>
#include <ballast/runtime/options.hpp>

#include "quantities.hpp"

namespace app {
namespace {

bool only_colons(std::string const& word) { return !word.empty() && word.find_first_not_of(':') == std::string::npos; }

std::string this_program() { return std::filesystem::read_symlink("/proc/self/exe").string(); }

void append(std::vector<std::string>& command, std::vector<std::string> const& words) {
  command.insert(command.end(), words.begin(), words.end());
}

/// What a rank that is told to end may take for it: running jobs have their grace.
long seconds_to_end(std::vector<std::string> const& words) {
  auto grace = ballast::RunOptions{}.grace;
  try {
    if (auto const text = option_among(words, "--grace"); !text.empty()) grace = parse_duration("--grace", text);
  } catch (ballast::UsageError const&) {
    // The ranks will say so.
  }
  return std::chrono::duration_cast<std::chrono::seconds>(grace).count() + 10;
}

/// `b slots=2` of a hostfile; without slots, a host has one for each time that it is named.
struct HostLine {
  std::string host{};
  unsigned slots{1};
};

HostLine parse_host_line(std::string line) {
  line.erase(std::min(line.find('#'), line.size()));
  std::replace(line.begin(), line.end(), '=', ' ');
  std::istringstream words{line};
  HostLine parsed;
  words >> parsed.host;
  for (std::string word; words >> word;)
    if (word == "slots" || word == "count") words >> parsed.slots;
  return parsed;
}

bool is_this_host(std::string const& host) {
  std::array<char, 256> name{};
  static_cast<void>(gethostname(name.data(), name.size() - 1));
  std::string_view const full{name.data()};
  return host == full || host == full.substr(0, full.find('.')) || host == "localhost" || host == "127.0.0.1";
}

/// The hostfile with one more slot on this host, which comes first. mpirun wants all slots of a host in one line.
std::filesystem::path with_this_host(std::filesystem::path const& hostfile, std::filesystem::path const& folder) {
  std::ifstream hosts{hostfile};
  if (!hosts)
    throw ballast::InputOutputError{fmt::format("cannot read {}", hostfile.string()), "",
                                    "give --hostfile a list of hosts, one a line"};
  unsigned slots = 1;
  std::string others;
  for (std::string line; std::getline(hosts, line);) {
    auto const parsed = parse_host_line(line);
    if (is_this_host(parsed.host))
      slots += parsed.slots;
    else
      others += line + '\n';
  }
  std::ofstream all{folder / "hosts"};
  all << fmt::format("localhost slots={}\n", slots) << others;
  return folder / "hosts";
}

std::vector<std::string> mpirun_command(LaunchPlan const& plan, std::filesystem::path const& folder) {
  std::vector<std::string> command{"mpirun", "-n", std::to_string(plan.nodes + 1)};
  // Ranks sleep when they have nothing to do, and their solvers choose among the host's cores.
  append(command, {"--oversubscribe", "--bind-to", "none"});
  // The death of a rank is Ballast's business.
  append(command, {"--enable-recovery"});
  // mpirun that is told to end waits so long before it passes SIGTERM on, and again before SIGKILL: where a batch
  // system tells everybody, rank 0 has heard it from launch, and drains.
  append(command, {"--mca", "odls_base_sigkill_timeout", std::to_string(seconds_to_end(plan.words))});
  // A host that dies says nothing: its daemon is missed after 5 + 3 × 2 seconds.
  append(command, {"--mca", "oob_tcp_keepalive_time", "5", "--mca", "oob_tcp_keepalive_intvl", "2"});
  append(command, {"--mca", "oob_tcp_keepalive_probes", "3"});
  append(command, {"-x", ballast::launch_variable});
  // The first host in the list gets rank 0, which must be here.
  if (!plan.hosts.empty()) append(command, {"--host", "localhost:1," + plan.hosts});
  if (!plan.hostfile.empty()) append(command, {"--hostfile", with_this_host(plan.hostfile, folder).string()});
  return command;
}

std::vector<std::string> srun_command(LaunchPlan const& plan) {
  std::vector<std::string> command{"srun", "--mpi=pmix", "--kill-on-bad-exit=0", "--no-kill", "--input=none"};
  append(command, {"-n", std::to_string(plan.nodes + 1)});
  return command;
}

}  // namespace

std::vector<std::string> launcher_command(LaunchPlan const& plan, std::filesystem::path const& folder) {
  auto command = plan.launcher == "srun" ? srun_command(plan) : mpirun_command(plan, folder);
  append(command, plan.extra);
  command.push_back(this_program());
  std::transform(plan.words.begin(), plan.words.end(), std::back_inserter(command), guard_colons);
  return command;
}

std::uint32_t default_nodes(std::string const& hosts) {
  std::uint32_t slots = 0;
  for (std::size_t begin = 0; begin < hosts.size();) {
    auto const end = std::min(hosts.find(',', begin), hosts.size());
    auto const colon = hosts.find(':', begin);
    slots += colon < end ? static_cast<std::uint32_t>(std::strtoul(hosts.c_str() + colon + 1, nullptr, 10)) : 1;
    begin = end + 1;
  }
  if (slots > 0) return slots;
  if (auto const* const tasks = std::getenv("SLURM_NTASKS"))
    return std::max(2U, static_cast<std::uint32_t>(std::strtoul(tasks, nullptr, 10))) - 1;
  return std::max(1U, std::thread::hardware_concurrency());
}

std::string option_among(std::vector<std::string> const& words, std::string const& option) {
  auto const end = std::find(words.begin(), words.end(), "--");
  for (auto word = words.begin(); word != end; ++word) {
    if (*word == option) return word + 1 == end ? "" : *(word + 1);
    if (word->starts_with(option + "=")) return word->substr(option.size() + 1);
  }
  return {};
}

std::string guard_colons(std::string const& word) { return only_colons(word) ? word + ":" : word; }

std::string unguard_colons(std::string const& word) {
  return only_colons(word) && word.size() > 1 ? word.substr(1) : word;
}

}  // namespace app
