// Signals, as a process sends them to itself.
#include "runtime/interruption.hpp"

#include <signal.h>

#include "support/catch.hpp"

namespace ballast {

using Why = Interruption::Why;

TEST_CASE("a SIGTERM that comes twice at once is one request") {
  Interruption const interruption{Parent::anybody};
  ::raise(SIGTERM);
  ::raise(SIGTERM);
  CHECK(interruption.pending() == Why::terminate);
}

TEST_CASE("the first of SIGINT and SIGTERM tells why the process ends") {
  Interruption const interruption{Parent::anybody};
  ::raise(SIGINT);
  ::raise(SIGTERM);
  CHECK(interruption.pending() == Why::interrupt);
}

TEST_CASE("what ends the process wins over a warning") {
  Interruption const interruption{Parent::anybody};
  ::raise(SIGUSR1);
  CHECK(interruption.pending() == Why::warning);
  ::raise(SIGTERM);
  CHECK(interruption.pending() == Why::terminate);
  ::raise(SIGUSR1);
  CHECK(interruption.pending() == Why::terminate);
}

TEST_CASE("an interruption starts without a signal, and puts back the handlers that were there") {
  struct sigaction before {};
  struct sigaction after {};
  ::sigaction(SIGTERM, nullptr, &before);
  {
    Interruption const interruption{Parent::anybody};
    ::raise(SIGTERM);
  }
  ::sigaction(SIGTERM, nullptr, &after);
  CHECK(after.sa_handler == before.sa_handler);
  CHECK_FALSE(Interruption{Parent::anybody}.pending());
}

}  // namespace ballast
