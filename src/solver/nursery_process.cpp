// The nursery's loop: orders from the agent, deaths from the kernel.
#include "solver/nursery_process.hpp"

#include <poll.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <ctime>
#include <variant>
#include <vector>

#include "solver/child_processes.hpp"
#include "solver/nursery_messages.hpp"
#include "solver/process_setup.hpp"
#include "solver/solver_process.hpp"

namespace ballast {
namespace {

int open_signals() {
  sigset_t awaited;
  ::sigemptyset(&awaited);
  ::sigaddset(&awaited, SIGCHLD);
  ::sigaddset(&awaited, SIGTERM);
  ::sigprocmask(SIG_SETMASK, &awaited, nullptr);
  return ::signalfd(-1, &awaited, SFD_CLOEXEC | SFD_NONBLOCK);
}

class NurseryProcess {
 public:
  explicit NurseryProcess(NurseryPlan const& plan)
      : plan_{plan}, signals_{open_signals()}, solvers_(plan.space.channels(), none) {}

  [[noreturn]] void run() {
    for (unsigned slot = 0; slot < solvers_.size(); ++slot) bear(slot);
    for (;;) {
      pollfd sources[]{{plan_.socket, POLLIN, 0}, {signals_, POLLIN, 0}};
      ::poll(sources, 2, -1);
      if (sources[1].revents != 0) take_signals();
      if (sources[0].revents != 0) take_order();
    }
  }

 private:
  static constexpr pid_t none = 0;

  void take_signals() {
    signalfd_siginfo signal;
    while (::read(signals_, &signal, sizeof signal) == sizeof signal) {
    }
    if (::getppid() != plan_.agent) end();
    reap();
  }

  void take_order() {
    NurseryOrder order;
    auto const size = ::recv(plan_.socket, &order, sizeof order, MSG_DONTWAIT);
    if (size < 0 && (errno == EAGAIN || errno == EINTR)) return;
    if (size != sizeof order) end();
    std::visit([this](auto const& of_this_kind) { obey(of_this_kind); }, order);
  }

  void obey(BearSolver const& order) { bear(order.slot); }

  void obey(EndSolver const& order) {
    if (solvers_[order.slot] != none) ::kill(solvers_[order.slot], SIGKILL);
  }

  void bear(unsigned slot) {
    pid_t const nursery = ::getpid();
    pid_t const solver = ::fork();
    if (solver == 0) {
      ::close(plan_.socket);
      ::close(signals_);
      run_solver({plan_.solver, plan_.node, SolverId{slot}, plan_.space.channel(slot), plan_.space.agent(), nursery});
    }
    if (solver < 0) return report(BirthFailed{slot, errno});
    solvers_[slot] = solver;
    report(SolverBorn{slot});
  }

  // Children that are no solvers are orphans of a dead one. When they are killed their own children become ours, and
  // their death brings us here again.
  void reap() {
    int wait_status = 0;
    while (pid_t const dead = ::waitpid(-1, &wait_status, WNOHANG)) {
      if (dead < 0) return;
      auto const solver = std::find(solvers_.begin(), solvers_.end(), dead);
      if (solver != solvers_.end()) {
        *solver = none;
        report(SolverDied{static_cast<unsigned>(solver - solvers_.begin()), wait_status});
      }
    }
    kill_children(solvers_);
  }

  void report(NurseryReport const& report) {
    while (::send(plan_.socket, &report, sizeof report, MSG_NOSIGNAL) < 0) {
      if (errno != EINTR) end();
    }
    plan_.space.agent().ring();
  }

  // Solvers are not asked to end: nobody is left who would take their news.
  [[noreturn]] void end() {
    for (int patience = 20; patience > 0 && ::waitpid(-1, nullptr, WNOHANG) >= 0; --patience) end_children();
    ::_exit(0);
  }

  NurseryPlan plan_;
  int signals_;
  std::vector<pid_t> solvers_;  // by slot
};

}  // namespace

void run_nursery(NurseryPlan const& plan) noexcept {
  become_independent(plan.agent, "ballast-nursery");
  reset_signals();
  close_inherited(plan.socket);
  plan.cpus.apply();
  NurseryProcess{plan}.run();
}

}  // namespace ballast
