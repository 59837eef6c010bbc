// Process setup: what a freshly forked process of ours does before its work.
#pragma once

#include <signal.h>
#include <sys/types.h>

namespace ballast {

/// Holds back all signals of the calling thread while it lives, so that no handler of the parent runs in a child.
class SignalsBlocked {
 public:
  SignalsBlocked();
  ~SignalsBlocked();
  SignalsBlocked(SignalsBlocked const&) = delete;
  SignalsBlocked& operator=(SignalsBlocked const&) = delete;

 private:
  sigset_t before_;
};

/// No handler of the parent's is left. What tells a rank to end or to drain (INT, HUP, USR1, USR2) is ignored: the
/// agent decides what becomes of running attempts. PIPE is ignored, too, as in the rank. The mask stays as it is.
void reset_signals();

/// Leaves the parent's session, with its terminal and the process group that mpirun kills; adopts the orphans of
/// descendants; gets SIGTERM when `parent` is gone, and ends at once if it already is.
void become_independent(pid_t parent, char const* name);

/// Closes sockets, pipes and the like that the parent had open, except `kept` and the standard three; stdin reads
/// nothing. Somebody may be waiting for the last holder of such a descriptor to go. Files stay open: the author's may
/// be among them.
void close_inherited(int kept);

}  // namespace ballast
