// The handler only notes which signal came first; everything else happens in the loop that asks.
#include "runtime/interruption.hpp"

#include <unistd.h>

namespace ballast {
namespace {

volatile std::sig_atomic_t caught = 0;

void note(int signal) {
  if (caught == 0) caught = signal;
}

}  // namespace

Interruption::Interruption(Parent parent) {
  if (parent == Parent::launcher) launcher_ = getppid();
  caught = 0;
  struct sigaction action {};
  action.sa_handler = note;
  action.sa_flags = static_cast<int>(SA_RESETHAND);  // a second one ends the process at once
  sigemptyset(&action.sa_mask);
  sigaction(SIGINT, &action, &old_interrupt_);
  sigaction(SIGTERM, &action, &old_terminate_);
}

Interruption::~Interruption() {
  sigaction(SIGINT, &old_interrupt_, nullptr);
  sigaction(SIGTERM, &old_terminate_, nullptr);
}

std::optional<ExitCode> Interruption::pending() const {
  if (caught == SIGINT) return ExitCode::interrupted;
  if (caught == SIGTERM || (launcher_ && getppid() != *launcher_)) return ExitCode::terminated;
  return {};
}

}  // namespace ballast
