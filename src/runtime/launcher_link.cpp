// One link per process: its end is told from wherever the process ends.
#include "runtime/launcher_link.hpp"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <utility>

#include "transport/world.hpp"

namespace ballast {
namespace {

constexpr std::size_t most_streams = 3;

std::optional<LauncherLink>& link_of_process() {
  static std::optional<LauncherLink> link;
  return link;
}

/// The descriptors that came with a message; they are ours to close.
std::array<Descriptor, most_streams> received_with(msghdr& message) {
  std::array<Descriptor, most_streams> streams;
  auto const* const header = CMSG_FIRSTHDR(&message);
  if (header == nullptr || header->cmsg_level != SOL_SOCKET || header->cmsg_type != SCM_RIGHTS) return streams;
  auto const count = std::min((header->cmsg_len - CMSG_LEN(0)) / sizeof(int), most_streams);
  std::array<int, most_streams> numbers{};
  std::memcpy(numbers.data(), CMSG_DATA(header), count * sizeof(int));
  for (std::size_t i = 0; i < count; ++i) streams[i] = Descriptor{numbers[i]};
  return streams;
}

/// What launch passes on.
void mask_passed_signals(int how) {
  sigset_t passed;
  ::sigemptyset(&passed);
  for (int const signal : {SIGINT, SIGTERM, SIGUSR1}) ::sigaddset(&passed, signal);
  ::pthread_sigmask(how, &passed, nullptr);
}

void tell_at_exit(int exit_code, void*) { tell_launcher({exit_code}); }

}  // namespace

std::optional<LauncherLink> LauncherLink::connect(std::string const& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.empty() || path.size() >= sizeof address.sun_path) return {};
  path.copy(address.sun_path, path.size());
  Descriptor socket{::socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0)};
  if (::connect(socket.number(), reinterpret_cast<sockaddr const*>(&address), sizeof address) != 0) return {};
  return LauncherLink{std::move(socket)};
}

bool LauncherLink::take_streams(std::span<int const> places) {
  char byte{};
  iovec part{&byte, 1};
  alignas(cmsghdr) std::array<char, CMSG_SPACE(most_streams * sizeof(int))> control{};
  msghdr message{};
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  message.msg_control = control.data();
  message.msg_controllen = control.size();
  ssize_t size = 0;
  do size = ::recvmsg(socket_.number(), &message, MSG_CMSG_CLOEXEC);
  while (size < 0 && errno == EINTR);
  if (size != 1) return false;
  auto const streams = received_with(message);
  for (std::size_t i = 0; i < std::min(places.size(), streams.size()); ++i)
    if (streams[i]) ::dup2(streams[i].number(), places[i]);
  return true;
}

void LauncherLink::raise_at_end(int signal) {
  int const socket = socket_.number();
  ::fcntl(socket, F_SETSIG, signal);
  ::fcntl(socket, F_SETOWN, ::getpid());
  ::fcntl(socket, F_SETFL, ::fcntl(socket, F_GETFL) | O_ASYNC);
  pollfd state{socket, 0, 0};
  if (::poll(&state, 1, 0) > 0) ::kill(::getpid(), signal);  // it has ended meanwhile
}

void LauncherLink::tell(ExitNotice notice) {
  static_cast<void>(::send(socket_.number(), &notice, sizeof notice, MSG_NOSIGNAL | MSG_DONTWAIT));
}

void meet_launcher() {
  auto const* const path = std::getenv(launch_variable);
  auto& link = link_of_process();
  if (path == nullptr || launched_rank() != 0 || link) return;
  link = LauncherLink::connect(path);
  constexpr std::array<int, most_streams> own{STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO};
  if (link && link->take_streams(own)) {
    ::on_exit(tell_at_exit, nullptr);
    mask_passed_signals(SIG_BLOCK);
    link->raise_at_end(SIGTERM);
    return;
  }
  link.reset();
  if (::access(path, F_OK) == 0) ::kill(::getppid(), SIGTERM);  // killed before it could let us in: mpirun is to end
  ::setenv(launch_variable, "", /*replace=*/1);
}

void hear_launcher() {
  if (link_of_process()) mask_passed_signals(SIG_UNBLOCK);
}

void tell_launcher(ExitNotice notice) {
  if (auto& link = link_of_process()) link->tell(notice);
}

}  // namespace ballast
