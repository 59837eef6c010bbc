// The handlers only note what came; everything else happens in the loop that asks.
#include "runtime/interruption.hpp"

#include <unistd.h>

#include <atomic>

namespace ballast {
namespace {

volatile std::sig_atomic_t caught = 0;
std::atomic<Clock::rep> continued_at{0};
static_assert(std::atomic<Clock::rep>::is_always_lock_free);

// A batch system tells every process, and the launcher tells rank 0 what it was told: within this time that is one
// request, after it somebody insists.
constexpr Duration one_request = std::chrono::milliseconds{200};
std::atomic<Clock::rep> interrupted_at{0};
std::atomic<Clock::rep> terminated_at{0};

// What ends the process wins over a warning; a second one ends it by the system's default, once this handler is left.
void note_end(int signal) {
  auto const now = Clock::now().time_since_epoch().count();
  Clock::rep first = 0;
  auto& noted_at = signal == SIGINT ? interrupted_at : terminated_at;
  if (!noted_at.compare_exchange_strong(first, now) && Duration{now - first} > one_request) {
    std::signal(signal, SIG_DFL);
    raise(signal);
  }
  if (caught == 0 || caught == SIGUSR1) caught = signal;
}

void note_warning(int signal) {
  if (caught == 0) caught = signal;
}

void note_continuation(int) { continued_at = Clock::now().time_since_epoch().count(); }

struct sigaction listen(int signal, void (*handler)(int), int flags) {
  struct sigaction action {};
  struct sigaction before {};
  action.sa_handler = handler;
  action.sa_flags = flags;
  sigemptyset(&action.sa_mask);
  sigaction(signal, &action, &before);
  return before;
}

}  // namespace

Interruption::Interruption(Parent parent) {
  if (parent == Parent::launcher) launcher_ = getppid();
  caught = 0;
  for (auto* const time : {&interrupted_at, &terminated_at, &continued_at}) *time = 0;
  handlers_ = {{SIGINT, listen(SIGINT, note_end, 0)},
               {SIGTERM, listen(SIGTERM, note_end, 0)},
               {SIGUSR1, listen(SIGUSR1, note_warning, SA_RESTART)},
               {SIGCONT, listen(SIGCONT, note_continuation, SA_RESTART)}};
}

Interruption::~Interruption() {
  for (auto const& handler : handlers_) sigaction(handler.signal, &handler.before, nullptr);
}

bool Interruption::told_to_end() { return caught == SIGINT || caught == SIGTERM; }

std::optional<Interruption::Why> Interruption::pending() const {
  if (caught == SIGINT) return Why::interrupt;
  if (caught == SIGTERM) return Why::terminate;
  if (launcher_ && getppid() != *launcher_) return Why::launcher_gone;
  if (caught == SIGUSR1) return Why::warning;
  return {};
}

std::optional<Time> Interruption::continued() const {
  auto const at = continued_at.load();
  if (at == 0) return {};
  return Time{Duration{at}};
}

ExitCode exit_code_of(Interruption::Why why) {
  return why == Interruption::Why::interrupt ? ExitCode::interrupted : ExitCode::terminated;
}

std::string_view name_of(Interruption::Why why) {
  switch (why) {
    case Interruption::Why::interrupt:
      return "SIGINT";
    case Interruption::Why::terminate:
      return "SIGTERM";
    case Interruption::Why::warning:
      return "SIGUSR1";
    case Interruption::Why::launcher_gone:
      return "the end of its launcher";
  }
  return {};
}

}  // namespace ballast
