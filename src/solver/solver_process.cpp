// The solver's loop, and its blocking ends of the two rings.
#include "solver/solver_process.hpp"

#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <optional>
#include <utility>

#include "solver/attempt_outcome.hpp"
#include "solver/child_processes.hpp"
#include "solver/cpu_mask.hpp"
#include "solver/process_setup.hpp"
#include "solver/text_tail.hpp"

namespace ballast {
namespace {

// A job mostly follows the last one's news within this time, and finds its solver awake. More is not worth a core.
constexpr Duration patience = std::chrono::microseconds{20};

/// The solver's side of its channel: waits where the rings cannot go on.
class SolverChannel {
 public:
  explicit SolverChannel(SolverPlan const& plan) : plan_{plan} {}

  void receive(std::span<char> into) {
    while (true) {
      auto const seen = plan_.channel.solver.count();
      auto const size = plan_.channel.jobs.read(into);
      into = into.subspan(size);
      if (into.empty()) return;
      if (size > 0)
        plan_.agent.ring();  // there is room for more of a large job
      else
        sleep(seen);
    }
  }

  void send(std::string_view bytes) {
    while (true) {
      auto const seen = plan_.channel.solver.count();
      auto const size = plan_.channel.news.write(bytes);
      bytes.remove_prefix(size);
      if (bytes.empty()) return;
      if (size > 0)
        plan_.agent.ring();
      else
        sleep(seen);
    }
  }

  void announce() { plan_.agent.ring(); }

 private:
  void sleep(Doorbell::Count seen) {
    if (cpus_ > 1 && rings_soon(seen)) return;
    plan_.channel.solver.wait(seen, std::chrono::hours{1});
    // User code may have made SIGTERM, which says the same, its own.
    if (::getppid() != plan_.nursery) ::_exit(1);
  }

  bool rings_soon(Doorbell::Count seen) const {
    auto const end = Clock::now() + patience;
    while (plan_.channel.solver.count() == seen) {
      if (Clock::now() >= end) return false;
    }
    return true;
  }

  SolverPlan plan_;
  unsigned cpus_{CpuMask::of_process(0).count()};
};

/// Sends what does not fit into the last message of an attempt ahead, in pieces.
class ChannelSink final : public SolutionSink {
 public:
  explicit ChannelSink(SolverChannel& channel) : channel_{channel} {}

  void write(std::string_view piece) override {
    while (!piece.empty()) {
      if (bytes_.size() == piece_limit) send({.kind = NewsKind::piece}, {}, {});
      auto const size = std::min(piece_limit - bytes_.size(), piece.size());
      bytes_.append(piece.substr(0, size));
      piece.remove_prefix(size);
    }
  }

  void diagnose(std::string_view text) override { diagnostics_.append(text); }
  void account(Account const& account) override { account_ = account; }

  void finish(AttemptOutcome const& outcome) {
    NewsHeader header{.kind = NewsKind::solved, .runtime = outcome.runtime.count()};
    std::string_view reason;
    if (outcome.refusal) {
      bool const kept = outcome.refusal->remains == Remains::kept;
      header.kind = kept ? NewsKind::failed_with_remains : NewsKind::failed;
      header.failure = outcome.refusal->kind;
      reason = std::string_view{outcome.refusal->reason}.substr(0, reason_limit);
      if (!kept) bytes_.clear();
    }
    if (auto const account = std::exchange(account_, {})) {
      header.accounts = 1;
      header.account = *account;
    }
    send(header, reason, diagnostics_.take_for_reading());
  }

 private:
  void send(NewsHeader header, std::string_view reason, std::string_view diagnostics) {
    header.bytes = static_cast<std::uint32_t>(bytes_.size());
    header.reason = static_cast<std::uint32_t>(reason.size());
    header.diagnostics = static_cast<std::uint32_t>(diagnostics.size());
    channel_.send(bytes_of(header));
    channel_.send(bytes_);
    channel_.send(reason);
    channel_.send(diagnostics);
    channel_.announce();
    bytes_.clear();
  }

  SolverChannel& channel_;
  Payload bytes_;
  TextTail diagnostics_{diagnostics_limit};
  std::optional<Account> account_;
};

// The payload is not trusted to be as long as it says before it has come: memory is taken as it arrives.
Payload receive_payload(SolverChannel& channel, std::uint64_t size) {
  Payload payload;
  while (payload.size() < size) {
    auto const begin = payload.size();
    payload.resize(begin + std::min<std::uint64_t>(size - begin, std::max(piece_limit, begin)));
    channel.receive(std::span{payload}.subspan(begin));
  }
  return payload;
}

pid_t nursery_of_this_solver = 0;

// SIGTERM comes when the nursery has died. A batch system may send it to every process of a job, too: then it is the
// rank's to decide what becomes of running attempts.
void end_with_nursery(int signal) {
  if (::getppid() == nursery_of_this_solver) return;
  end_children();
  ::signal(signal, SIG_DFL);
  ::raise(signal);  // acts when this handler returns
}

// The author's exit() must not run what the rank has left to do at its own exit (MPI's, open files).
void leave_at_once(int status, void*) {
  std::fflush(stdout);
  std::fflush(stderr);
  ::_exit(status);
}

// The kernel's out-of-memory killer should take a solver, which costs an attempt, and not the rank.
void volunteer_for_memory() {
  if (std::FILE* const file = std::fopen("/proc/self/oom_score_adj", "we")) {
    std::fputs("500", file);
    std::fclose(file);
  }
}

void handle_signals(pid_t nursery) {
  reset_signals();
  nursery_of_this_solver = nursery;
  struct sigaction ending {};
  ending.sa_handler = end_with_nursery;
  ending.sa_flags = SA_RESTART;
  ::sigaction(SIGTERM, &ending, nullptr);
  sigset_t none;
  ::sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
}

[[noreturn]] void solve_jobs(SolverPlan const& plan) {
  SolverChannel channel{plan};
  ChannelSink sink{channel};
  for (;;) {
    JobHeader job;
    channel.receive(room_of(job));
    auto const payload = receive_payload(channel, job.size);
    sink.finish(make_attempt(plan.solver, {job.name, plan.node, plan.id, &plan.channel.stop}, payload, sink));
  }
}

}  // namespace

void run_solver(SolverPlan const& plan) noexcept {
  handle_signals(plan.nursery);
  become_independent(plan.nursery, "ballast-solver");
  volunteer_for_memory();
  ::on_exit(leave_at_once, nullptr);
  try {
    solve_jobs(plan);
  } catch (TornChannel const&) {
    ::_exit(1);  // the agent finds out by itself
  }
}

}  // namespace ballast
