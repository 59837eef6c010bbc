// The handlers only note what came; everything else happens in the loop that asks.
#include "runtime/interruption.hpp"

#include <unistd.h>

#include <atomic>

namespace ballast {
namespace {

volatile std::sig_atomic_t caught = 0;
std::atomic<Clock::rep> continued_at{0};
static_assert(std::atomic<Clock::rep>::is_always_lock_free);

// What ends the process wins over a warning; a second one ends it by the system's default.
void note_end(int signal) {
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
  continued_at = 0;
  auto const once = static_cast<int>(SA_RESETHAND);
  handlers_ = {{SIGINT, listen(SIGINT, note_end, once)},
               {SIGTERM, listen(SIGTERM, note_end, once)},
               {SIGUSR1, listen(SIGUSR1, note_warning, SA_RESTART)},
               {SIGCONT, listen(SIGCONT, note_continuation, SA_RESTART)}};
}

Interruption::~Interruption() {
  for (auto const& handler : handlers_) sigaction(handler.signal, &handler.before, nullptr);
}

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
