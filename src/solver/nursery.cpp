// Fork, orders, reports and end of the nursery, as the agent sees them.
#include "solver/nursery.hpp"

#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <iostream>

#include "ballast/core/error.hpp"
#include "solver/cpu_mask.hpp"
#include "solver/exit_status.hpp"
#include "solver/nursery_process.hpp"
#include "solver/process_setup.hpp"

namespace ballast {
namespace {

constexpr std::chrono::milliseconds end_patience{3000};

[[noreturn]] void refuse(int error) {
  throw EngineError{"cannot start solver processes", std::strerror(error),
                    "raise the limit of processes (ulimit -u), or use --solvers 0"};
}

// What is still in a buffer would be written by both processes.
void flush_standard_streams() {
  std::cout.flush();
  std::cerr.flush();
  std::clog.flush();
  std::fflush(stdout);  // not all streams: another thread may hold one (stdin) for as long as it reads
  std::fflush(stderr);
}

}  // namespace

Nursery::Nursery(Solver& solver, NodeId node, unsigned solvers) : space_{solvers} {
  int sockets[2];
  if (::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, sockets) != 0) refuse(errno);
  socket_ = Descriptor{sockets[0]};
  Descriptor const theirs{sockets[1]};
  auto const cpus = allowed_cpus();
  pid_t const agent = ::getpid();
  flush_standard_streams();
  SignalsBlocked const until_the_child_has_its_own;
  process_ = ::fork();
  if (process_ == 0) run_nursery({solver, node, space_, cpus, agent, theirs.number()});
  if (process_ < 0) refuse(errno);
}

Nursery::~Nursery() {
  if (process_ <= 0) return;
  ::shutdown(socket_.number(), SHUT_WR);
  wait_for_end();
  static_cast<void>(reap());
}

void Nursery::order(NurseryOrder order) {
  orders_.push_back(order);
  send_orders();
}

void Nursery::send_orders() {
  while (alive_ && !orders_.empty()) {
    auto const sent = ::send(socket_.number(), &orders_.front(), sizeof orders_.front(), MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent < 0) return;  // no room now; or the nursery has died, which report() finds out
    orders_.pop_front();
  }
}

std::optional<NurseryReport> Nursery::report() {
  send_orders();
  NurseryReport report;
  auto const size = ::recv(socket_.number(), &report, sizeof report, MSG_DONTWAIT);
  if (size == sizeof report) return report;
  if (size >= 0 || (errno != EAGAIN && errno != EINTR)) alive_ = false;
  return {};
}

std::string Nursery::reap() {
  int wait_status = 0;
  pid_t reaped = 0;
  do reaped = ::waitpid(process_, &wait_status, 0);
  while (reaped < 0 && errno == EINTR);
  process_ = 0;
  return describe_exit(wait_status);
}

// The nursery holds the other end of the socket until it has ended everything.
void Nursery::wait_for_end() {
  auto const deadline = Clock::now() + end_patience;
  while (alive_ && Clock::now() < deadline) {
    pollfd source{socket_.number(), POLLIN, 0};
    ::poll(&source, 1, static_cast<int>(end_patience.count()));
    while (report()) {
    }
  }
  if (alive_) ::kill(process_, SIGKILL);
}

}  // namespace ballast
