// Rank 0 is asked, everything else is told: signals go to rank 0 only, and what outlives it is ended.
#include "launch_watch.hpp"

#include <fmt/core.h>
#include <poll.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdlib>

#include <ballast/core/error.hpp>
#include <ballast/core/launch.hpp>

namespace app {
namespace {

using namespace std::chrono_literals;

constexpr auto patience_with_launcher = 5s;  // after the Main Node's end
// Ranks on other hosts need a second to see that a goodbye to the lost is in vain.
constexpr auto patience_with_lost_ranks = 2s;
constexpr auto patience_with_ranks = 5s;  // after the launcher's
constexpr auto patience_without_ranks = 500ms;
constexpr auto patience_when_told = 1s;
constexpr int engine_failure = static_cast<int>(ballast::ExitCode::engine);

int open_signals() {
  sigset_t awaited;
  sigemptyset(&awaited);
  for (int const signal : {SIGINT, SIGTERM, SIGHUP, SIGUSR1, SIGCHLD}) sigaddset(&awaited, signal);
  sigprocmask(SIG_BLOCK, &awaited, nullptr);
  return signalfd(-1, &awaited, SFD_CLOEXEC | SFD_NONBLOCK);
}

}  // namespace

LaunchWatch::LaunchWatch(LaunchPlan plan) : plan_{std::move(plan)}, signals_{open_signals()} {
  setenv(ballast::launch_variable, door_.socket().c_str(), /*replace=*/1);
  setenv("PMIX_OUTPUT_REDIRECT", "syslog", /*replace=*/0);  // it complains of every rank that dies
  launcher_ = start_launcher(launcher_command(plan_, door_.folder()));
}

LaunchWatch::~LaunchWatch() { close(signals_); }

int LaunchWatch::wait() {
  while (!over()) {
    wait_for_news();
    take_signals();
    take_rank_0();
    press_when_due();
  }
  end_descendants();
  if (WIFSIGNALED(launcher_status_)) debris_.clear();
  return verdict();
}

void LaunchWatch::wait_for_news() {
  std::array<pollfd, 2> sources{pollfd{signals_, POLLIN, 0}, pollfd{door_.descriptor(), POLLIN, 0}};
  auto const left = due_ ? std::max<Clock::duration>(*due_ - Clock::now(), 0ms) : Clock::duration{1h};
  poll(sources.data(), sources.size(), static_cast<int>(std::chrono::ceil<std::chrono::milliseconds>(left).count()));
}

void LaunchWatch::take_signals() {
  signalfd_siginfo signal{};
  while (read(signals_, &signal, sizeof signal) == sizeof signal) {
    if (signal.ssi_signo == SIGCHLD)
      reap();
    else
      pass_on(static_cast<int>(signal.ssi_signo));
  }
}

void LaunchWatch::pass_on(int signal) {
  bool const present = door_.process() && !door_.left();
  if (signal != SIGUSR1) {
    bool const at_once = first_signal_ || !present;
    first_signal_ = first_signal_.value_or(signal);
    forced_ = at_once && !door_.exit_code();
    if (at_once) return press(Pressure::time, 0s);
  }
  if (present) kill(*door_.process(), signal == SIGHUP ? SIGTERM : signal);
}

void LaunchWatch::take_rank_0() {
  bool const known = door_.process().has_value();
  bool const was_there = known && !door_.left();
  door_.take();
  if (!known && door_.process()) debris_ = LaunchDebris{*door_.process()};
  if (door_.exit_code() && pressure_ == Pressure::none) {
    press(Pressure::time, door_.ranks_lost() ? patience_with_lost_ranks : patience_with_launcher);
  }
  if (!was_there || !door_.left() || door_.exit_code() || forced_) return;
  say(fmt::format("the Main Node (pid {}) was killed; {}", *door_.process(),
                  option_among(plan_.words, "--run-dir").empty() ? "start it again"
                                                                 : "start it again with --resume, and it goes on"));
  press(Pressure::time, 0s);
}

void LaunchWatch::reap() {
  int status = 0;
  for (pid_t child = 0; (child = waitpid(-1, &status, WNOHANG)) > 0;) {
    if (child != launcher_) continue;
    launcher_.reset();
    launcher_status_ = status;
    due_ = Clock::now() + (pressure_ < Pressure::no_ranks ? patience_with_ranks : 0s);
  }
}

void LaunchWatch::press(Pressure pressure, Clock::duration until_more) {
  pressure_ = pressure;
  due_ = Clock::now() + until_more;
}

void LaunchWatch::press_when_due() {
  if (!due_ || Clock::now() < *due_) return;
  if (!launcher_) return end_descendants();
  switch (pressure_) {
    case Pressure::none:
    case Pressure::time:  // a launcher without ranks ends by itself, in order
      kill_ranks(*launcher_);
      return press(Pressure::no_ranks, patience_without_ranks);
    case Pressure::no_ranks:
      kill(*launcher_, SIGTERM);
      return press(Pressure::told, patience_when_told);
    case Pressure::told:
    case Pressure::killed:
      kill(*launcher_, SIGKILL);
      return press(Pressure::killed, patience_when_told);
  }
}

int LaunchWatch::verdict() const {
  if (forced_) return 128 + (*first_signal_ == SIGINT ? SIGINT : SIGTERM);
  if (door_.exit_code()) return *door_.exit_code();
  if (door_.process()) return engine_failure;
  auto const end = WIFSIGNALED(launcher_status_) ? fmt::format("signal {}", WTERMSIG(launcher_status_))
                                                 : fmt::format("status {}", WEXITSTATUS(launcher_status_));
  say(fmt::format("{} ended with {} and no Main Node on this host; see what it has printed above", plan_.launcher,
                  end));
  return engine_failure;
}

void LaunchWatch::say(std::string const& line) const { fmt::print(stderr, "ballast: {}\n", line); }

}  // namespace app
