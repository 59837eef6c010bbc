// A session joins the ranks once; each run gives every rank its role.
#include "ballast/runtime/session.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <iostream>
#include <thread>

#include "runtime/computing_node.hpp"
#include "runtime/interruption.hpp"
#include "runtime/launcher_link.hpp"
#include "runtime/main_node.hpp"
#include "runtime/patience.hpp"
#include "runtime/state_store.hpp"
#include "solver/cpu_mask.hpp"
#include "transport/world.hpp"

namespace ballast {
namespace {

constexpr Duration longest_lease = std::chrono::hours{24 * 366};

void check_weights(std::vector<double> const& weights, std::uint32_t nodes) {
  for (auto const weight : weights)
    if (!std::isfinite(weight) || weight <= 0)
      throw UsageError{fmt::format("a weight of {} makes no sense", weight), "it is a speed relative to others'",
                       "give --weights numbers above 0"};
  auto const count = weights.size();
  if (count == 0 || count == nodes) return;
  throw UsageError{fmt::format("--weights names {} speed{}", count, count == 1 ? "" : "s"),
                   fmt::format("there {} {} computing node{}", nodes == 1 ? "is" : "are", nodes, nodes == 1 ? "" : "s"),
                   "give one per computing node, rank 1 first"};
}

void check(RunOptions const& options, std::uint32_t nodes) {
  auto const* const solvers = std::get_if<std::uint32_t>(&options.solvers);
  if (solvers != nullptr && *solvers == 0 && options.time_limit)
    throw UsageError{"a time limit needs solver processes", "with --solvers 0 the rank itself computes",
                     "leave out --timeout or use --solvers 1"};
  if (auto const* const limit = options.time_limit ? std::get_if<Duration>(&*options.time_limit) : nullptr;
      limit != nullptr && *limit <= Duration{0})
    throw UsageError{"a time limit of nothing leaves no time for any job", "",
                     "give --timeout a time, or leave it out"};
  if (options.lease > longest_lease)
    throw UsageError{"a lease of more than a year makes no sense", "", "give --lease 0 if no silence is too long"};
  static_cast<void>(make_policy(options.policy));
  check_weights(options.weights, nodes);
}

/// How many ranks share this host, as Open MPI tells; more than one of them is assumed where it does not.
std::uint32_t ranks_on_host() {
  auto const* const count = std::getenv("OMPI_COMM_WORLD_LOCAL_SIZE");
  return count == nullptr ? UINT32_MAX / 2 : static_cast<std::uint32_t>(std::strtoul(count, nullptr, 10));
}

Spin spin_for(RunOptions const& options) {
  auto const* const solvers = std::get_if<std::uint32_t>(&options.solvers);
  bool const inside = solvers != nullptr && *solvers == 0;
  return inside && ranks_on_host() <= allowed_cpus().count() ? Spin::briefly : Spin::never;
}

/// Whether this ends a rank. A warning is the Main Node's business, which drains the run and ends all.
bool ends(std::optional<Interruption::Why> why) { return why && *why != Interruption::Why::warning; }

/// How long a computing node that is told to end waits for the Main Node, which may still want its running jobs. mpirun
/// kills all one second after it has told them, and as soon as the first has gone.
Duration patience_when_interrupted(RunOptions const& options) {
  bool const hurried = launched_by() == Launcher::mpirun;
  return hurried ? Duration{std::chrono::milliseconds{800}} : options.grace + std::chrono::seconds{5};
}

/// Whether a signal that has come is left to the session's next run.
bool goes_on(RunOptions const& options, ExitCode outcome) {
  return options.sequel == Sequel::follows && outcome == ExitCode::solved;
}

void flush_standard_output() {
  std::cout.flush();
  std::fflush(stdout);
}

[[noreturn]] void end_process(ExitCode exit_code) {
  auto const code = static_cast<int>(exit_code);
  flush_standard_output();
  tell_launcher({code});
  std::_Exit(code);
}

/// Only rank 0 reads it; what others took would be lost.
void leave_standard_input() {
  int const nothing = open("/dev/null", O_RDONLY | O_CLOEXEC);
  if (nothing < 0) return;
  dup2(nothing, STDIN_FILENO);
  close(nothing);
}

Companion nobody() {
  return {[] { return false; },
          [](Duration at_most) {
            if (at_most > Duration{0}) std::this_thread::sleep_for(at_most);
          }};
}

}  // namespace

class Session::Impl {
 public:
  Impl(int argc, char const* const* argv) : arguments_(argv + (argc > 0 ? 1 : 0), argv + argc), world_{join_world()} {
    std::signal(SIGXFSZ, SIG_IGN);  // a file that may not grow is an error of writing
    if (world_->size() > 1) wire_ = world_->open_wire();
    if (world_->rank() > 0) leave_standard_input();
  }

  ~Impl() {
    // From here on MPI may hang.
    if (world_->rank() == 0) tell_launcher({static_cast<int>(outcome_), forsaken_});
    flush_standard_output();
    if (!forsaken_) {
      wire_.reset();
      world_->leave(outcome_);
      return;
    }
    static_cast<void>(wire_.release());  // it would wait for those that are lost
    world_->forsake(outcome_);
  }
  Impl(Impl const&) = delete;
  Impl& operator=(Impl const&) = delete;

  [[nodiscard]] World const& world() const { return *world_; }

  RunReport run(Problem& problem, RunOptions const& options) {
    listen();
    auto report = take_part(problem, options);
    if (!goes_on(options, report.outcome)) interruption_.reset();
    return report;
  }

  RunReport refuse(Error const& error) {
    listen();
    auto report =
        world_->rank() > 0 ? serve(nullptr, {}, error.what(), *interruption_) : call_off(error, *interruption_);
    interruption_.reset();
    return report;
  }

 private:
  void listen() {
    if (!interruption_) interruption_.emplace(world_->size() > 1 ? Parent::launcher : Parent::anybody);
    hear_launcher();
  }

  RunReport take_part(Problem& problem, RunOptions const& options) {
    if (world_->rank() > 0) return serve(&problem, options, {}, *interruption_);
    try {
      check(options, std::max(world_->size(), 2U) - 1);
    } catch (Error const& error) {
      return call_off(error, *interruption_);
    }
    return lead(problem, options, *interruption_);
  }

  [[nodiscard]] MainSetting main_setting(RunOptions const& options, Sharding sharding = {}) {
    MainSetting setting{next_run_,     names_, {},       arguments_, spin_for(options),
                        launched_by(), {},     sharding, lost_,      nullptr};
    if (world_->size() > 1) setting.lease = options.lease;
    next_run_ = next_run_.next();
    for (std::uint32_t rank = 1; rank < world_->size(); ++rank)
      if (std::find(lost_.begin(), lost_.end(), NodeId{rank}) == lost_.end()) setting.nodes.emplace_back(rank);
    return setting;
  }

  RunReport call_off(Error const& error, Interruption const& interruption) {
    console_.say(error.what());
    RunReport report{.outcome = error.exit_code()};
    if (world_->size() == 1) return report;
    RunOptions const defaults;
    MainNode main{*wire_, nobody(), console_, interruption, main_setting(defaults), defaults};
    end(main, report.outcome);
    return report;
  }

  /// Whoever does not say goodbye now may hang for ever.
  void end(MainNode& main, ExitCode outcome) {
    outcome_ = outcome;
    if (!main.end(outcome)) forsaken_ = true;
    for (auto const node : main.lost()) lost_.push_back(node);
  }

  RunReport lead(Problem& problem, RunOptions const& options, Interruption const& interruption) {
    if (world_->size() > 1) {
      MainNode main{*wire_, nobody(), console_, interruption, main_setting(options, problem.sharding()), options};
      return lead(main, problem, options, interruption);
    }
    auto const [main_end, node_end] = make_wire_in_process(main_node);
    ComputingNode node{*node_end, {main_node, 1, arguments_, {}}, &problem, options, kept_};
    auto setting = main_setting(options, problem.sharding());
    setting.nodes = {main_node};
    setting.kept = &kept_;
    Companion const companion{[&node] { return node.step(Clock::now()); },
                              [&node](Duration at_most) { node.rest(at_most); }};
    MainNode main{*main_end, companion, console_, interruption, std::move(setting), options};
    return lead(main, problem, options, interruption);
  }

  RunReport lead(MainNode& main, Problem& problem, RunOptions const& options, Interruption const& interruption) {
    auto report = main.run(problem);
    bool const at_rest = main.at_rest();
    end(main, report.outcome);
    // What blocks in user code cannot be ended from outside, and MPI cannot be left while other ranks are being killed.
    bool const killed = world_->size() > 1 && ends(interruption.pending()) && !goes_on(options, report.outcome);
    if (!at_rest || killed) end_process(report.outcome);
    return report;
  }

  RunReport serve(Problem* problem, RunOptions const& options, std::optional<std::string> objection,
                  Interruption const& interruption) {
    std::optional<ComputingNode> node;
    node.emplace(*wire_, NodeSetting{NodeId{world_->rank()}, world_->size(), arguments_, std::move(objection)}, problem,
                 options, kept_);
    try {
      wait_for_end(*node, Patience{spin_for(options)}, interruption, patience_when_interrupted(options));
    } catch (EngineError const& error) {
      console_.say(error.what());
      node.reset();
      world_->abort(error.exit_code());
    }
    auto const outcome = node->outcome();
    auto const signal = interruption.pending();
    bool const lost = !outcome || node->orphaned() || (ends(signal) && !goes_on(options, *outcome));
    node.reset();
    if (lost) end_process(outcome.value_or(ends(signal) ? exit_code_of(*signal) : ExitCode::engine));
    outcome_ = *outcome;
    return {.outcome = *outcome};
  }

  /// Returns without an outcome when the node is told to end and the Main Node lets it wait, or is dead.
  static void wait_for_end(ComputingNode& node, Patience patience, Interruption const& interruption, Duration linger) {
    std::optional<Time> told;
    while (!node.outcome() && !node.orphaned()) {
      auto const now = Clock::now();
      auto const why = interruption.pending();
      if (why == Interruption::Why::launcher_gone) return;
      if (!told && ends(why)) told = now;
      if (told && now - *told > linger) return;
      if (node.step(now))
        patience.arrived(now);
      else
        node.rest(node.rest_at_work(now).value_or(patience.nap(now)));
    }
  }

  std::vector<std::string> arguments_;
  std::unique_ptr<World> world_;
  std::unique_ptr<Wire> wire_;
  Console console_;
  std::optional<Interruption> interruption_;  // during a run, and until the one that follows it
  RunId next_run_;
  PartNames names_;             // on the Main Node
  StateStore kept_;             // on a computing node
  std::vector<NodeId> lost_{};  // in runs that have ended: nobody waits for them any more
  ExitCode outcome_{};          // of the latest run
  bool forsaken_{false};        // not all ranks have ended it with us
};

Session::Session(int argc, char const* const* argv) : impl_{std::make_unique<Impl>(argc, argv)} {}
Session::~Session() = default;

std::uint32_t Session::rank() const { return impl_->world().rank(); }
std::uint32_t Session::size() const { return impl_->world().size(); }
std::uint32_t Session::launched_rank() { return ballast::launched_rank(); }
void Session::meet_launcher() { ballast::meet_launcher(); }
RunReport Session::run(Problem& problem, RunOptions const& options) { return impl_->run(problem, options); }
RunReport Session::refuse(Error const& error) { return impl_->refuse(error); }

std::string version() { return BALLAST_VERSION; }
std::string mpi_version() { return mpi_library(); }

}  // namespace ballast
